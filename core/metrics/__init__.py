"""How good predictions are. Pure functions on arrays: no torch, no files."""
