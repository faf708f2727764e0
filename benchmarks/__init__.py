"""What is fast, against what: one run on one machine, side by side with the same work done without any promise."""
