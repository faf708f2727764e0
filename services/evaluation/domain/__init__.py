"""What the evaluation service decides. Pure."""
