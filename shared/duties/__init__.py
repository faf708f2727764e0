"""How open items follow a duty that moves, the same in every service."""
