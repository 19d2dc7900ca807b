"""Filtering: decide which keypoints to keep. Pure functions, no I/O."""
