"""Paper 001: visibility decides how much a keypoint is listened to (VisNet, mask, transformer)."""
