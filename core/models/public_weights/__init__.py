"""Weights that others published: recognised by names and shapes; nothing is left in silence."""
