"""The pure part of the machine: partitions, messages, channels, plans."""
