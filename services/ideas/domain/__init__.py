"""What the ideas service decides. Pure."""
