"""Paper 004: HPCVNet, expected OPKS and presence on a frozen base."""
