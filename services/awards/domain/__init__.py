"""What the awards service decides. Pure."""
