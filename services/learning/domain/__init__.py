"""What the learning service decides. Pure."""
