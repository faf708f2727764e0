"""Reaching Kafka: connections, topics, hints, and the assignor that moves partitions as a whole."""
