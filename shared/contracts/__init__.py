"""What the services may say to one another."""
