"""The oracle is not blind, and a seed is a plan."""
