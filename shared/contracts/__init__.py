"""What the services may say to one another: every event of every service, with stable type name and version."""
