"""Where between map pixels a peak lies: one function per published way. All batched.

Each takes maps (B, K, h, w) float32 of finite numbers and the whole pixel of every map's highest
value, x and y (B, K) int64, and returns the place (B, K, 2) float32 in map pixels.
"""

import math
from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.models.codecs.blur import Blur

LEAST = 1e-3  # of a target's height: what a map is at least before its logarithm (UDP's code)
LONGEST_STEP_PX = 1.0  # of the map; further away the parabola says nothing
_FLAT = 1e-6  # curvature of a log map without a peak


Refiner = Callable[[Tensor, Tensor, Tensor, Blur], Tensor]


def whole(maps: Tensor, x: Tensor, y: Tensor, blur: Blur) -> Tensor:
    """The pixel itself."""
    return torch.stack([x, y], dim=-1).float()


def quarter(maps: Tensor, x: Tensor, y: Tensor, blur: Blur) -> Tensor:
    """A quarter pixel towards the higher neighbour, on each axis (SimpleBaseline's code).

    Its condition is kept to the letter: no step at pixel 0 and 1, none at the last.
    """
    height, width = maps.shape[-2:]
    inside = (x > 1) & (x < width - 1) & (y > 1) & (y < height - 1)
    slope_x = _at(maps, x + 1, y) - _at(maps, x - 1, y)
    slope_y = _at(maps, x, y + 1) - _at(maps, x, y - 1)
    step = torch.stack([slope_x, slope_y], dim=-1).sign() / 4
    return whole(maps, x, y, blur) + step * inside[..., None]


def second_peak(maps: Tensor, x: Tensor, y: Tensor, blur: Blur) -> Tensor:
    """A quarter pixel towards the second highest pixel of the blurred map (MSPN's test code).

    The highest pixel is that of the blurred map as well. The blur sees zeros outside the map, so
    near its edge the peak lies further in than it should.
    """
    width = maps.shape[-1]
    flat = blur.of(maps).flatten(2)
    first = flat.argmax(-1)  # (B, K)
    second = flat.scatter(-1, first[..., None], -math.inf).argmax(-1)
    towards = torch.stack(
        [second % width - first % width, second // width - first // width], dim=-1
    ).float()
    first_xy = torch.stack([first % width, first // width], dim=-1).float()
    place: Tensor = first_xy + towards / towards.norm(dim=-1, keepdim=True) / 4
    return place.clamp_min(0).minimum(_last_pixel(maps))


def newton(maps: Tensor, x: Tensor, y: Tensor, blur: Blur) -> Tensor:
    """One Newton step on the log of the map, blurred by 1 2 1, the axes taken apart.

    DARK (Zhang et al. 2020, eq. 9) in small: the blur takes out pixel noise alone. At most half a
    pixel from the highest pixel, one at the map's edge.
    """
    log_map, centre = _log_around(maps, x, y, _table(Blur(3)), least=1e-10)
    slope_x, slope_y, xx, yy, _ = _derivatives(log_map)
    curvature = torch.stack([xx, yy], dim=-1)
    step = -torch.stack([slope_x, slope_y], dim=-1) / curvature
    pixel = whole(maps, x, y, blur)
    place = torch.where(curvature < -_FLAT, centre + step, pixel)
    return _near_pixel(place, pixel, maps)


def dark(maps: Tensor, x: Tensor, y: Tensor, blur: Blur) -> Tensor:
    """One Newton step on the log of the blurred map (DARK, Zhang et al. 2020, eq. 7-9).

    The second derivatives are those of UDP's code (neighbours at one pixel, not at two), which
    public checkpoints of the UDP family are measured with. The paper's scaling of the blurred map
    back to its old height changes no derivative of its logarithm and is left out.
    Deviations: at the map's edge the kernel is cut to what fits on both sides and the pixel's
    inner neighbour is expanded about, where UDP mirrors the map; a step is at most one pixel; none
    where the log map is no peak.
    """
    log_map, centre = _log_around(maps, x, y, _table(blur), least=LEAST)
    slope_x, slope_y, xx, yy, xy = _derivatives(log_map)
    determinant = xx * yy - xy * xy
    is_peak = (xx < -_FLAT) & (determinant > _FLAT**2)
    safe = torch.where(is_peak, determinant, torch.ones_like(determinant))
    step_x = (xy * slope_y - yy * slope_x) / safe
    step_y = (xy * slope_x - xx * slope_y) / safe
    place = centre + torch.stack([step_x, step_y], dim=-1)
    pixel = whole(maps, x, y, blur)
    place = torch.where(is_peak[..., None], place, pixel)
    return torch.clamp(place, pixel - LONGEST_STEP_PX, pixel + LONGEST_STEP_PX)


REFINERS: Mapping[str, Refiner] = {
    "whole": whole,
    "quarter": quarter,
    "newton": newton,
    "dark": dark,
    "second_peak": second_peak,
}


def _at(maps: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """(B, K) the values at x, y (B, K); beyond the edge those of the edge."""
    height, width = maps.shape[-2:]
    place = y.clamp(0, height - 1) * width + x.clamp(0, width - 1)
    return maps.flatten(2).gather(-1, place[..., None])[..., 0]


@lru_cache
def _table(blur: Blur) -> NDArray[np.float32]:
    """(radius + 1, 3, 2 radius + 3): the kernel cut to each smaller radius, at places -1, 0, 1."""
    kernel = np.array(blur.weights)
    radius = len(kernel) // 2
    table = np.zeros((radius + 1, 3, 2 * radius + 3), np.float32)
    for least in range(radius + 1):
        cut = kernel[radius - least : radius + least + 1]
        for place in range(3):
            start = place + radius - least
            table[least, place, start : start + len(cut)] = cut / cut.sum()
    return table


def _log_around(
    maps: Tensor, x: Tensor, y: Tensor, kernels: NDArray[np.float32], *, least: float
) -> tuple[Tensor, Tensor]:
    """The log of the blurred map at the 3x3 pixels around the peak, and the middle one.

    The middle is the peak's pixel, or its inner neighbour at the map's edge. Only these nine
    pixels are blurred, by the widest kernel that stays on the map for all of them.

    Returns:
        (B, K, 3, 3), rows first, and (B, K, 2) the middle's x and y.
    """
    height, width = maps.shape[-2:]
    table = torch.tensor(kernels, device=maps.device)
    radius = len(kernels) - 1
    mid_x, mid_y = x.clamp(1, max(width - 2, 1)), y.clamp(1, max(height - 2, 1))
    reach = torch.arange(-radius - 1, radius + 2, device=maps.device)
    columns = (mid_x[..., None] + reach).clamp(0, width - 1)  # (B, K, P)
    rows = (mid_y[..., None] + reach).clamp(0, height - 1)
    places = (rows[..., :, None] * width + columns[..., None, :]).flatten(2)
    patch = maps.flatten(2).gather(-1, places).view(*x.shape, len(reach), len(reach))
    room_x = torch.minimum(mid_x, width - 1 - mid_x) - 1
    room_y = torch.minimum(mid_y, height - 1 - mid_y) - 1
    blur_x = table[room_x.clamp(0, radius)]  # (B, K, 3, P)
    blur_y = table[room_y.clamp(0, radius)]
    blurred = blur_y @ patch @ blur_x.transpose(-1, -2)  # (B, K, 3, 3)
    return blurred.clamp_min(least).log(), torch.stack([mid_x, mid_y], dim=-1).float()


def _derivatives(around: Tensor) -> tuple[Tensor, ...]:
    """Of (B, K, 3, 3) in the middle: x, y, xx, yy, xy; exact for a parabola."""
    up, middle, down = around.unbind(-2)
    left, here, right = middle.unbind(-1)
    above, below = up[..., 1], down[..., 1]
    xy = (
        down[..., 2] - right - below + here + here - left - above + up[..., 0]
    ) / 2  # UDP's stencil
    xx, yy = right - 2 * here + left, below - 2 * here + above
    return (right - left) / 2, (below - above) / 2, xx, yy, xy


def _near_pixel(place: Tensor, pixel: Tensor, maps: Tensor) -> Tensor:
    """At most half a pixel from a pixel; one pixel outwards at the map's edge."""
    low = torch.where(pixel == 0, 1.0, 0.5)
    high = torch.where(pixel == _last_pixel(maps), 1.0, 0.5)
    return torch.clamp(place, pixel - low, pixel + high)


def _last_pixel(maps: Tensor) -> Tensor:
    """(2,) x, y of the last pixel."""
    height, width = maps.shape[-2:]
    return torch.tensor([width - 1.0, height - 1.0], device=maps.device)
