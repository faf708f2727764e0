"""Preparing the servers for the four services: secrets, users, rights, topics. One step, harmless when repeated."""
