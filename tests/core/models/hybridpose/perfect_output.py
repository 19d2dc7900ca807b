"""What a HybridPose would say if it knew: the inverse of eqs. 1 to 3, cell by cell."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.models.hybridpose.config import ANCHORS, STRIDES, HybridPoseConfig
from core.models.hybridpose.outputs import GridOutput, LevelOutput
from core.models.model_config import ModelConfig

FAR_BELOW = -30.0  # a logit of nothing


@dataclass(frozen=True)
class Somebody:
    """One person as one cell says it, in the input's frame."""

    level: int
    anchor: int
    cell_xy: tuple[int, int]
    box_xyxy_px: Sequence[float]
    xy_px: NDArray[np.float64]  # (K, 2)
    score: float = 0.9
    map_height: float = 0.8


def perfect_output(
    config: ModelConfig, canvas_wh_px: tuple[int, int], people: Sequence[Somebody]
) -> GridOutput:
    """One picture with these people and nobody else."""
    network = config.network
    assert isinstance(network, HybridPoseConfig)
    num_keypoints = len(config.keypoint_names)
    levels = []
    for level, stride in enumerate(STRIDES):
        columns, rows = (side // stride for side in canvas_wh_px)
        cells = torch.zeros(1, ANCHORS, 5 + 2 * num_keypoints, rows, columns, dtype=torch.float64)
        cells[:, :, 4] = FAR_BELOW
        maps = torch.full((1, ANCHORS, num_keypoints, rows, columns), FAR_BELOW)
        for one in (one for one in people if one.level == level):
            anchor_wh = np.array(network.anchors_of(level)[one.anchor])
            column, row = one.cell_xy
            cells[0, one.anchor, :, row, column] = torch.tensor(_logits(one, anchor_wh, stride))
            for k, (x, y) in enumerate(one.xy_px):
                u, v = math.floor((x + 0.5) / stride), math.floor((y + 0.5) / stride)
                if 0 <= u < columns and 0 <= v < rows:
                    maps[0, one.anchor, k, v, u] = _logit(one.map_height)
        levels.append(LevelOutput(cells, maps))
    return GridOutput(tuple(levels))


def _logits(one: Somebody, anchor_wh: NDArray[np.float64], stride: int) -> NDArray[np.float64]:
    cell = np.array(one.cell_xy)
    low, high = np.array(one.box_xyxy_px[:2]), np.array(one.box_xyxy_px[2:])
    centre = ((low + high) / 2 / stride - cell + 0.5) / 2
    size = np.sqrt((high - low) / anchor_wh) / 2
    places = ((one.xy_px - cell * stride) / anchor_wh + 2) / 4
    said = np.concatenate([centre, size, [one.score], places.ravel()])
    assert (said > 0).all(), "no cell can say that"
    assert (said < 1).all(), "no cell can say that"
    return np.log(said / (1 - said))


def _logit(p: float) -> float:
    return math.log(p / (1 - p))
