"""The four services; each decides alone, none imports another."""
