"""Paper 002: HybridPose, persons, keypoints and visibility maps from the whole picture at once."""
