"""Tests of the services as processes."""
