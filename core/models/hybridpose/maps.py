"""Visibility maps: where a place of the picture lies on them, drawing them, reading them."""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
from torch import Tensor

PATCH_SIGMAS = 3  # a Gaussian ends here (eq. 6)


def to_cells(xy_px: Tensor, stride: float | Tensor) -> Tensor:
    """Places (..., 2) of the input in cells of a level: the centre of the first cell is (0, 0).

    Deviation from eq. 6, which measures from a cell's upper left corner, half a cell off: here a
    map's peak lies in the middle of what it marks, and a mirrored map needs no shift.
    """
    return (xy_px + 0.5) / stride - 0.5


def gaussian_maps(
    centre_cells: Tensor,
    height: Tensor,
    plane: Tensor,
    *,
    shape: tuple[int, int, int, int],
    sigma_cells: float,
) -> Tensor:
    """Eqs. 6 and 7: Gaussians of some heights, the largest where several meet.

    Nothing is made per cell of the map: every Gaussian is a patch of three sigmas each way, put
    in its place. Gradients reach `centre_cells` and `height`.

    Args:
        centre_cells: (N, K, 2).
        height: (N, K), 0 for a keypoint that is not drawn.
        plane: (N,) int64, where on the first axis.
        shape: planes, K, h, w.

    Returns:
        (planes, K, h, w) float32 in 0..1 for heights in 0..1.
    """
    num_planes, num_keypoints, rows, columns = shape
    person, keypoint = (height > 0).nonzero(as_tuple=True)  # (Z,) each
    centre = centre_cells[person, keypoint].float()
    x, across = _spread(centre[:, 0], columns, sigma_cells)  # (Z, T)
    y, down = _spread(centre[:, 1], rows, sigma_cells)
    values = height[person, keypoint].float()[:, None, None] * down[:, :, None] * across[:, None]
    first = (plane[person] * num_keypoints + keypoint)[:, None, None] * rows
    place = (first + y[:, :, None]) * columns + x[:, None]  # (Z, T, T)
    drawn = values > 0
    empty = torch.zeros(num_planes * num_keypoints * rows * columns, device=centre.device)
    return empty.scatter_reduce(0, place[drawn], values[drawn], "amax").view(shape)


class Levels(NamedTuple):
    """The maps of every level in one row.

    Attributes:
        maps: (B, A, K, S) before the sigmoid, S = cells of all levels.
        first: (L,) int64, where each level begins.
        size_wh: (L, 2) int64.
        strides: (L,) float32.
    """

    maps: Tensor
    first: Tensor
    size_wh: Tensor
    strides: Tensor


class MapOf(NamedTuple):
    """Whose map is read: int64 of one shape."""

    picture: Tensor
    anchor: Tensor
    level: Tensor


def read_nearest(levels: Levels, of: MapOf, xy_px: Tensor) -> Tensor:
    """Eq. 5: the map of the cell that holds the keypoint; 0 off the picture.

    The paper indexes with the raw output c; what it calls position is the decoded place.

    Args:
        of: (B, M).
        xy_px: (B, M, K, 2), input frame.

    Returns:
        (B, M, K) in 0..1.
    """
    cells = to_cells(xy_px, levels.strides[of.level][..., None, None])
    return _at(levels, of, cells.round().long()) * _on_map(levels, of, cells)


def read_bilinear(levels: Levels, of: MapOf, xy_px: Tensor) -> Tensor:
    """As `read_nearest`, between the centres of four cells; at the rim the outermost cell holds."""
    cells = to_cells(xy_px, levels.strides[of.level][..., None, None])
    low = cells.floor()
    part = cells - low  # (B, M, K, 2)
    found = torch.zeros_like(part[..., 0])
    for right in (0, 1):
        for below in (0, 1):
            tap = low + torch.tensor([right, below], device=low.device)
            weight = (part[..., 0] if right else 1 - part[..., 0]) * (
                part[..., 1] if below else 1 - part[..., 1]
            )
            found = found + weight * _at(levels, of, tap.long())
    return found * _on_map(levels, of, cells)


READERS: Mapping[str, Callable[[Levels, MapOf, Tensor], Tensor]] = {
    "nearest": read_nearest,
    "bilinear": read_bilinear,
}


def _spread(centre: Tensor, count: int, sigma: float) -> tuple[Tensor, Tensor]:
    """Cells (Z, T) along one axis around centres (Z,), and the Gaussian there; 0 off the map."""
    reach = math.ceil(PATCH_SIGMAS * sigma)
    steps = torch.arange(-reach, reach + 1, device=centre.device)
    cells = centre.detach().round().long()[:, None] + steps
    apart = cells - centre[:, None]
    drawn = (apart.abs() <= PATCH_SIGMAS * sigma) & (cells >= 0) & (cells < count)
    return cells.clamp(0, count - 1), torch.exp(-(apart**2) / (2 * sigma**2)) * drawn


def _at(levels: Levels, of: MapOf, cells: Tensor) -> Tensor:
    """(B, M, K) of maps at cells (B, M, K, 2), moved onto the map where they are off it."""
    size = levels.size_wh[of.level][..., None, :]  # (B, M, 1, 2)
    cells = cells.clamp_min(0).minimum(size - 1)
    slot = levels.first[of.level][..., None] + cells[..., 1] * size[..., 0] + cells[..., 0]
    keypoint = torch.arange(levels.maps.shape[2], device=cells.device)
    found = levels.maps[of.picture[..., None], of.anchor[..., None], keypoint, slot]
    return found.float().sigmoid()


def _on_map(levels: Levels, of: MapOf, cells: Tensor) -> Tensor:
    size = levels.size_wh[of.level][..., None, :]
    return ((cells >= -0.5) & (cells < size - 0.5)).all(-1)
