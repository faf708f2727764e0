"""docs/lifecycle.md: what the aggregates go through, found by letting their deciders and evolvers run."""
