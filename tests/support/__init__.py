"""Fixtures and helpers that tests share."""
