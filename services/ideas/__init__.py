"""Ideas: from submission over the decision to implementation."""
