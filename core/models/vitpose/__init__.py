"""ViTPose: a plain vision transformer that says places, ready-made weights of which are public."""
