"""Label consistency: how well labels fit what models say of them. Pure functions, no torch."""
