"""Event contracts and store contracts."""
