"""Paper 000: a base with a branch for ternary flags on the same features."""
