"""Packs from the command line: what they say, how they differ, and what a past round would have been under a draft."""
