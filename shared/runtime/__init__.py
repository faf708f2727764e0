"""The part of the machine that does I/O."""
