"""Fixtures for all tests."""

from tests.support.stack import killable, servers, stack

__all__ = ["killable", "servers", "stack"]
