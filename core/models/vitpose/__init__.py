"""ViTPose through transformers: the ready-made public model."""
