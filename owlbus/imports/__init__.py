"""Importing files: reading and mapping is in `shared.intake`; sending, accounting and templates are here."""
