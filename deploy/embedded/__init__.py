"""Real Kafka and MongoDB from packages alone, on this machine only."""
