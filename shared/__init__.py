"""What all services share; it knows no service."""
