"""Objectives: what each family minimises, one pure function of a network's output and a batch."""
