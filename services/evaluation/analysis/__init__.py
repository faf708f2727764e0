"""The numbers beside the legal score: calibrated scores, reliability, chances of the top, paired comparisons.

The only room of this service with numeric libraries. It is imported inside the worker process that computes and nowhere
else: a decider must neither wait for it nor depend on its floats. Everything in it is a pure function of its input and
a seed; what comes out is rounded before it is recorded (`report`).
"""

ALGORITHM = "results-1"
"""Name of how the figures are computed. It changes when the same input and seed would give other figures."""
