"""What an operator sees of the running services, and has them do."""
