"""Drawn people: pictures of articulated 3-D bodies whose keypoint flags are known exactly.

Pure functions of a seed; only `dataset_writer` touches the disk. No torch.
"""

from core.data.drawn.annotator_model import CAREFUL, Mistakes, PlantedError
from core.data.drawn.dataset_writer import DrawnDataset, write_drawn_dataset
from core.data.drawn.scene import DrawnPerson, Scene, draw_scene

__all__ = [
    "CAREFUL",
    "DrawnDataset",
    "DrawnPerson",
    "Mistakes",
    "PlantedError",
    "Scene",
    "draw_scene",
    "write_drawn_dataset",
]
