"""Public checkpoints: recognised by their names, turned into ours."""
