"""Stores: the protocol, in memory, on MongoDB."""
