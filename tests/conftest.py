"""Fixtures for all tests, and how properties are tried."""

from hypothesis import settings

from tests.support.stack import killable, servers, stack

__all__ = ["killable", "servers", "stack"]

# How long one example takes says something about the machine, not about the property.
settings.register_profile("owlbus", deadline=None)
settings.load_profile("owlbus")
