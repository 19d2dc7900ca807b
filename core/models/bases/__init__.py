"""Bases: a backbone and what makes keypoint maps of its features. Papers' branches stand on them."""
