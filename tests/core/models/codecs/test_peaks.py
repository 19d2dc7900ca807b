"""Every way to refine a peak against the published rule, written plainly for one map."""

import cv2
import numpy as np
import pytest
import torch

from core.models.codecs.blur import Blur
from core.models.codecs.peaks import REFINERS

FIVE, ELEVEN, NONE = Blur(5), Blur(11), Blur(1)


def some_maps(count: int, *, seed: int = 0) -> np.ndarray:
    """(count, 64, 48) peaks anywhere with soft noise, below zero too."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[:64, :48]
    maps = []
    for _ in range(count):
        x, y = random.uniform([0, 0], [47, 63])
        clean = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * random.uniform(1.5, 3) ** 2))
        noise = cv2.GaussianBlur(random.normal(size=(64, 48)), (5, 5), 0)
        maps.append(clean + 0.02 * noise)
    return np.stack(maps).astype(np.float32)


def refined(name: str, maps: np.ndarray, blur: Blur = NONE) -> np.ndarray:
    """(count, 2) places."""
    given = torch.from_numpy(maps)[None]
    place = given.flatten(2).argmax(-1)
    width = maps.shape[-1]
    return REFINERS[name](given, place % width, place // width, blur)[0].numpy()


def by_quarter_step(heat: np.ndarray) -> list[float]:
    """SimpleBaseline's rule."""
    height, width = heat.shape
    py, px = np.unravel_index(heat.argmax(), heat.shape)
    x, y = float(px), float(py)
    if 1 < px < width - 1 and 1 < py < height - 1:
        x += 0.25 * np.sign(heat[py, px + 1] - heat[py, px - 1])
        y += 0.25 * np.sign(heat[py + 1, px] - heat[py - 1, px])
    return [x, y]


def by_second_peak(heat: np.ndarray) -> list[float]:
    """MSPN's rule: blur on a map widened by zeros, a quarter pixel towards the second peak."""
    wide = cv2.GaussianBlur(np.pad(heat, 10), (5, 5), 0)[10:-10, 10:-10].copy()
    y, x = np.unravel_index(wide.argmax(), wide.shape)
    wide[y, x] = -np.inf
    second_y, second_x = np.unravel_index(wide.argmax(), wide.shape)
    away = np.array([second_x - x, second_y - y], dtype=float)
    place = np.array([x, y]) + 0.25 * away / np.linalg.norm(away)
    return np.clip(place, 0, [heat.shape[1] - 1, heat.shape[0] - 1]).tolist()


def by_dark(heat: np.ndarray) -> list[float]:
    """DARK's rule with UDP's derivatives."""
    logs = np.log(np.clip(cv2.GaussianBlur(heat, (11, 11), 0), 1e-3, 50)).astype(float)
    y, x = np.unravel_index(heat.argmax(), heat.shape)
    part = logs[y - 1 : y + 2, x - 1 : x + 2]
    gradient = np.array([part[1, 2] - part[1, 0], part[2, 1] - part[0, 1]]) / 2
    xx = part[1, 2] - 2 * part[1, 1] + part[1, 0]
    yy = part[2, 1] - 2 * part[1, 1] + part[0, 1]
    xy = (part[2, 2] - part[1, 2] - part[2, 1] + 2 * part[1, 1]) / 2
    xy += (part[0, 0] - part[1, 0] - part[0, 1]) / 2
    step = np.linalg.solve([[xx, xy], [xy, yy]], gradient)
    return (np.array([x, y]) - step).tolist()


def test_the_quarter_step_is_simple_baselines():
    maps = some_maps(200)
    np.testing.assert_allclose(refined("quarter", maps), [by_quarter_step(heat) for heat in maps])


def test_the_quarter_step_is_left_out_at_the_edge_as_published():
    maps = np.zeros((4, 8, 8), np.float32)
    for number, (x, y) in enumerate([(1, 4), (4, 1), (7, 4), (2, 6)]):
        maps[number, y, x] = 1
        maps[number, y, x - 1] = 0.5
    assert refined("quarter", maps).tolist() == [[1, 4], [4, 1], [7, 4], [1.75, 6]]


def test_the_second_peak_step_is_mspns():
    maps = some_maps(200)
    expected = [by_second_peak(heat) for heat in maps]
    np.testing.assert_allclose(refined("second_peak", maps, FIVE), expected, atol=1e-5)


def test_dark_is_udps_away_from_the_edge():
    maps = np.stack([
        heat for heat in some_maps(300)
        if 6 <= heat.argmax() % 48 < 42 and 6 <= heat.argmax() // 48 < 58
    ])  # fmt: skip
    assert len(maps) > 100
    expected = [by_dark(heat) for heat in maps]
    np.testing.assert_allclose(refined("dark", maps, ELEVEN), expected, atol=2e-3)


def test_dark_sees_a_peak_that_lies_askew():
    # The mixed derivative matters: an ellipse at 45 degrees, its peak between pixels.
    rows, columns = np.mgrid[:32, :24] - np.array([15.4, 10.3])[:, None, None]
    along, across = (rows + columns) / 2**0.5, (rows - columns) / 2**0.5
    heat = np.exp(-(along**2) / 18 - across**2 / 4).astype(np.float32)[None]
    np.testing.assert_allclose(refined("dark", heat), [[10.3, 15.4]], atol=1e-3)


@pytest.mark.parametrize("name", ["newton", "dark"])
def test_a_flat_map_and_a_ramp_have_no_fraction(name):
    flat = np.full((1, 9, 9), 0.3, np.float32)
    assert refined(name, flat, ELEVEN).tolist() == [[0, 0]]
    ramp = np.tile(np.exp(np.arange(9, dtype=np.float32)), (9, 1))[None]
    assert refined(name, ramp, NONE)[0, 0] <= 9


@pytest.mark.parametrize(("name", "most"), [("newton", 0.5), ("dark", 1.0)])
def test_a_step_stays_near_the_highest_pixel(name, most):
    random = np.random.default_rng(0)
    maps = random.uniform(0, 1, (500, 16, 12)).astype(np.float32)
    place = maps.reshape(500, -1).argmax(-1)
    pixel = np.stack([place % 12, place // 12], axis=1)
    inside = ((pixel > 0) & (pixel < [11, 15])).all(axis=1)
    away = np.abs(refined(name, maps, Blur(3, 0.8)) - pixel)
    assert away[inside].max() <= most
    assert away.max() <= 1.0
