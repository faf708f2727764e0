"""Evaluation: scores per idea and stage, and their result."""
