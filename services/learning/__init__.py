"""Learning: study groups, cases and their spread."""
