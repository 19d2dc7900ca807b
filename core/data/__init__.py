"""The types that travel between rooms and how they are read and written. No torch."""
