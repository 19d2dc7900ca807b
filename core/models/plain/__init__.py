"""Plain pose networks: a base and its codec, nothing about visibility."""
