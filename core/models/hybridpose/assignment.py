"""Which anchors and cells answer for which person: YOLOv5's rule, as KAPAO has it."""

from typing import NamedTuple

import torch
from torch import Tensor

_STEPS = ((0, 0), (-1, 0), (0, -1), (1, 0), (0, 1))  # to the cells that may answer
REACH = 0.5  # cells a neighbour's answer reaches over its edge (eq. 1 ends at -0.5 and 1.5)


class Persons(NamedTuple):
    """P persons on B pictures; input frame.

    Attributes:
        picture: (P,) int64.
        boxes_xyxy_px: (P, 4).
    """

    picture: Tensor
    boxes_xyxy_px: Tensor


class Fits(NamedTuple):
    """Persons and anchors of one level that are of a size: (F,) int64 each."""

    person: Tensor
    anchor: Tensor


class Matches(NamedTuple):
    """Cells of one level that answer for a person: (M,) int64 each."""

    person: Tensor
    anchor: Tensor
    column: Tensor
    row: Tensor


def fitting(persons: Persons, anchors_wh_px: Tensor, *, most_ratio: float) -> Fits:
    """Persons whose width and height differ from an anchor's by less than `most_ratio` times.

    The same pairs decide which anchor's maps get the person; the paper does not say.

    Args:
        anchors_wh_px: (A, 2).
    """
    size = persons.boxes_xyxy_px[:, 2:] - persons.boxes_xyxy_px[:, :2]  # (P, 2)
    ratio = size[:, None] / anchors_wh_px  # (P, A, 2)
    worst = torch.maximum(ratio, 1 / ratio).amax(-1)
    person, anchor = (worst < most_ratio).nonzero(as_tuple=True)
    return Fits(person, anchor)


def matching(persons: Persons, fits: Fits, *, stride: int, size_wh: tuple[int, int]) -> Matches:
    """The cell that holds a person's centre, and up to two neighbours whose answers reach it.

    Those are the nearer one of left and right and the nearer one of above and below, where the
    centre lies nearer than half a cell to them and they are on the grid.

    Args:
        size_wh: of the level, in cells.
    """
    boxes = persons.boxes_xyxy_px
    centre = ((boxes[:, :2] + boxes[:, 2:]) / 2 / stride)[fits.person]  # (F, 2) cells
    home = centre.floor()
    steps = torch.tensor(_STEPS, device=boxes.device, dtype=centre.dtype)
    cells = home[:, None] + steps  # (F, 5, 2)
    offset = centre[:, None] - cells
    reached = ((offset > -REACH) & (offset < 1 + REACH)).all(-1)
    limit = torch.tensor(size_wh, device=boxes.device)
    on_grid = ((cells >= 0) & (cells < limit)).all(-1)
    centred = ((home >= 0) & (home < limit)).all(-1)[:, None]
    fit, step = (reached & on_grid & centred).nonzero(as_tuple=True)
    chosen = cells[fit, step].long()
    return Matches(fits.person[fit], fits.anchor[fit], chosen[:, 0], chosen[:, 1])
