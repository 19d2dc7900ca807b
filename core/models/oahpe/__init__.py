"""Paper 003: OA-HPE, presence of every keypoint; KS-net, how near each one is to the truth."""
