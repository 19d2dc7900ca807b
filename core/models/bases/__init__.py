"""Bases: a backbone and what makes keypoint maps of its features; branches stand on them."""
