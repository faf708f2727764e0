"""Readers and mappings for files that come from elsewhere."""
