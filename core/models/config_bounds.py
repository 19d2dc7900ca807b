"""What the numbers and names of a checkpoint's description may be: it may come from a stranger.

A network is built from these numbers before a single weight is read, so they are bounded. No torch.
"""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.models.model_config import ModelConfig

if TYPE_CHECKING:
    from core.models.checkpoint_config import CheckpointConfig

MOST_KEYPOINTS = 500  # COCO-WholeBody has 133
LONGEST_NAME, LONGEST_TEXT = 100, 2000
CROP_SIDE_PX = (32, 1024)
MOST_PARAMETERS = 1_000_000_000
_SHA256_LENGTH = 64
_HEX = frozenset("0123456789abcdef")


def problems_of(config: "CheckpointConfig") -> list[str]:
    """Everything that cannot be; the kinds of the fields are checked already."""
    problems = [] if _is_name(config.name) else [f"name is {config.name[:120]!r}, which is no name"]
    for name in ("what", "licence", "trained_on"):
        if len(getattr(config, name)) > LONGEST_TEXT:
            problems.append(f"{name} is longer than {LONGEST_TEXT} characters")
    for name in ("data_sha256", "weights_sha256"):
        value = getattr(config, name)
        if value and (len(value) != _SHA256_LENGTH or not set(value) <= _HEX):
            problems.append(f"{name} is {value[:80]!r}, which is no SHA-256")
    if not 0 <= config.num_parameters <= MOST_PARAMETERS:
        problems.append(f"num_parameters is {config.num_parameters}")
    return problems + [f"model.{problem}" for problem in model_problems(config.model)]


def model_problems(model: ModelConfig) -> Iterable[str]:
    """Everything that no network is built from."""
    yield from _keypoint_problems(model)
    yield from _list_problems(model)
    if not 0.1 <= model.sigma_px <= 100:
        yield f"sigma_px is {model.sigma_px}, not from 0.1 to 100"
    if not 0.5 <= model.padding <= 10:
        yield f"padding is {model.padding}, not from 0.5 to 10"
    if model.channel_order not in ("RGB", "BGR"):
        yield f"channel_order is {model.channel_order[:20]!r}, neither RGB nor BGR"
    if abs(model.flip_shift_px) > CROP_SIDE_PX[1]:
        yield f"flip_shift_px is {model.flip_shift_px}"


def _list_problems(model: ModelConfig) -> Iterable[str]:
    low, high = CROP_SIDE_PX
    for name, least in (("crop_size_wh_px", low), ("map_size_wh_px", 1)):
        if not _numbers(getattr(model, name), 2, least, high, whole=True):
            yield f"{name} is not two whole numbers from {least} to {high}"
    for name, smallest in (("mean", -1e6), ("std", 1e-6)):
        if not _numbers(getattr(model, name), 3, smallest, 1e6):
            yield f"{name} is not three numbers from {smallest:g} to 1e+06"


def _keypoint_problems(model: ModelConfig) -> Iterable[str]:
    names = model.keypoint_names
    if not 1 <= len(names) <= MOST_KEYPOINTS:
        yield f"keypoint_names has {len(names)} names, not 1 to {MOST_KEYPOINTS}"
        return
    if not all(_is_name(name) for name in names) or len(set(names)) < len(names):
        yield "keypoint_names holds what is no name, or one name twice"
    if len(model.edges) > MOST_KEYPOINTS**2 or not all(
        _numbers(edge, 2, 0, len(names) - 1, whole=True) for edge in model.edges
    ):
        yield "edges is not a list of pairs of keypoints, counted from 0"


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME and value.isprintable()


def _numbers(value: object, count: int, least: float, most: float, *, whole: bool = False) -> bool:
    """Whether this is a tuple of so many numbers within the bounds."""
    if not isinstance(value, tuple) or len(value) != count:
        return False
    return all(
        isinstance(item, int if whole else int | float)
        and not isinstance(item, bool)
        and math.isfinite(item)
        and least <= item <= most
        for item in value
    )
