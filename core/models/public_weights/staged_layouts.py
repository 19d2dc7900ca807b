"""MSPN, as authors and mmpose name it, and mmpose's Hourglass."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import torch
from torch import Tensor

from core.errors import UserError
from core.models.bases.config import BaseConfig
from core.models.bases.hourglass import OUT
from core.models.bases.mspn import LEVELS, STAGES, STEM
from core.models.codecs.config import HeatmapConfig
from core.models.plain.config import PlainConfig
from core.models.plain.entries import PLAIN_ENTRIES, RGB_MEAN, RGB_STD
from core.models.public_weights.naming import Naming
from core.models.public_weights.recognised import (
    Part,
    Recognised,
    Wishes,
    heat_maps,
    keypoints_of,
    layout_words,
    part_of,
    toolbox_of,
)

_KIND = {"conv": "0", "bn": "1"}  # where a pair of layers has them
_SKIPS = {"in_skip": "u_skip", "out_skip1": "skip1", "out_skip2": "skip2", "up_conv": "up_conv"}
_BODY = "base.backbone.stages."


def _down(found: re.Match[str]) -> str:
    stage, layer, block = found[1], found[2], found[3]
    return f"{_BODY}{stage}.downsample.layer{layer}.{block}."


def _up(found: re.Match[str]) -> str:
    stage, unit, name, kind = found[1], int(found[2]) - 1, found[3], found[4]
    return f"{_BODY}{stage}.upsample.{unit}.{_SKIPS.get(name, name)}.{_KIND[kind]}."


def _head(found: re.Match[str]) -> str:
    level = int(found[1]) * LEVELS + int(found[2]) - 1
    return f"base.head.levels.{level}.{int(found[3]) - 1}.{_KIND[found[4]]}."


def _ending(start: Callable[[re.Match[str]], str], end: str) -> Callable[[re.Match[str]], str]:
    return lambda found: start(found) + found.expand(end)


_AUTHORS_DOWN = r"^stage(\d)\.downsample\.layer(\d)\.(\d+)\."
_AUTHORS_UP = r"^stage(\d)\.upsample\.up(\d)\."
_TOOLBOX_DOWN = r"^backbone\.multi_stage_mspn\.(\d)\.downsample\.layer(\d)\.(\d+)\."
_TOOLBOX_UP = r"^backbone\.multi_stage_mspn\.(\d)\.upsample\.up(\d)\."

_MSPN = Naming(
    (
        (r"^top\.conv\.(conv|bn)\.", lambda found: f"base.backbone.top.{_KIND[found[1]]}."),
        (rf"{_AUTHORS_DOWN}conv_bn_relu([123])\.conv\.", _ending(_down, r"conv\4.")),
        (rf"{_AUTHORS_DOWN}conv_bn_relu([123])\.bn\.", _ending(_down, r"bn\4.")),
        (
            rf"{_AUTHORS_DOWN}downsample\.(conv|bn)\.",
            lambda found: f"{_down(found)}downsample.{_KIND[found[4]]}.",
        ),
        (rf"{_AUTHORS_UP}(u_skip|up_conv|skip[12])\.(conv|bn)\.", _up),
        (rf"{_AUTHORS_UP}res_conv([12])\.(conv|bn)\.", _head),
        (
            r"^stage(\d)\.upsample\.up4\.cross_conv\.(conv|bn)\.",
            lambda found: f"{_BODY}{found[1]}.cross_conv.{_KIND[found[2]]}.",
        ),
    ),
    {},
)
_MMPOSE_MSPN = Naming(
    (
        (
            r"^backbone\.top\.top\.0\.(conv|bn)\.",
            lambda found: f"base.backbone.top.{_KIND[found[1]]}.",
        ),
        (rf"{_TOOLBOX_DOWN}(conv|bn)([123])\.", _ending(_down, r"\4\5.")),
        (
            rf"{_TOOLBOX_DOWN}downsample\.(conv|bn)\.",
            lambda found: f"{_down(found)}downsample.{_KIND[found[4]]}.",
        ),
        (rf"{_TOOLBOX_UP}(in_skip|up_conv|out_skip[12])\.(conv|bn)\.", _up),
        (
            r"^backbone\.multi_stage_mspn\.(\d)\.upsample\.up4\.cross_conv\.(conv|bn)\.",
            lambda found: f"{_BODY}{found[1]}.cross_conv.{_KIND[found[2]]}.",
        ),
        (
            r"^(?:keypoint_)?head\.predict_layers\.(\d+)\.conv_layers\.([01])\.(conv|bn)\.",
            lambda found: f"base.head.levels.{found[1]}.{found[2]}.{_KIND[found[3]]}.",
        ),
    ),
    {},
)
_HOURGLASS = Naming(
    (
        (
            r"^backbone\.stem\.0\.(conv|bn)\.",
            lambda found: f"base.backbone.stem.0.{_KIND[found[1]]}.",
        ),
        (
            r"^backbone\.(out_convs|conv1x1s|remap_convs)\.(\d+)\.(conv|bn)\.",
            lambda found: f"base.backbone.{found[1]}.{found[2]}.{_KIND[found[3]]}.",
        ),
        (r"^backbone\.(stem\.1|hourglass_modules|inters)\.", r"base.backbone.\1."),
        (r"^(?:keypoint_)?head\.multi_final_layers\.(\d+)\.", r"base.head.stacks.\1."),
    ),
    {},
)
_NEVER_RUN = "a block that the toolbox builds after the last stack but never runs"


def read_mspn(weights: Mapping[str, Tensor], wishes: Wishes) -> Recognised:
    """MSPN of two stages. mmpose's convolutions have no bias; zeros say the same.

    Raises:
        UserError: another number of stages, or wishes that do not go with the weights.
    """
    toolbox = toolbox_of(weights)
    part = part_of(weights, _MSPN if toolbox == "authors" else _MMPOSE_MSPN)
    stages = part.count(_BODY)
    if stages != STAGES:
        raise UserError(
            f"MSPN of {stages} stage{'' if stages == 1 else 's'} is not built here.",
            remedy=f"Known: {STAGES} stages.",
        )
    width = part.shape("base.backbone.top.0.weight", 4)[0] / STEM
    entry = PLAIN_ENTRIES["mspn2"].model
    assert isinstance(entry.codec, HeatmapConfig)
    crop = wishes.crop_size_wh_px or entry.crop_size_wh_px
    model = replace(
        entry,
        network=PlainConfig(BaseConfig("mspn2", width)),
        codec=replace(entry.codec, size_wh_px=heat_maps(crop, "centres").size_wh_px),
        crop_size_wh_px=crop,
        alignment=wishes.alignment or entry.alignment,
    )
    made: dict[str, Tensor] = {}
    if toolbox != "authors":
        model = replace(model, channel_order="RGB", mean=RGB_MEAN, std=RGB_STD)
        made = _zero_biases(part)
    names, edges = keypoints_of(_mspn_keypoints(part), wishes)
    return Recognised(
        layout_words("MSPN of two stages", toolbox),
        replace(model, keypoint_names=names, edges=edges),
        {**part.weights, **made},
        part.unused,
        part.unknown,
        dict.fromkeys(made, "zeros: the layout's convolutions have no bias"),
    )


def read_hourglass(weights: Mapping[str, Tensor], wishes: Wishes) -> Recognised:
    """Hourglass of one stack or two, of mmpose.

    Raises:
        UserError: more stacks, or wishes that do not go with the weights.
    """
    part = part_of(weights, _HOURGLASS)
    stacks = part.count("base.backbone.hourglass_modules.")
    if stacks not in (1, 2):
        raise UserError(f"{stacks} stacked hourglasses are not built here.", remedy="Known: 1, 2.")
    idle = f"base.backbone.inters.{stacks - 1}."
    kept = {name: value for name, value in part.weights.items() if not name.startswith(idle)}
    unused = {name.removeprefix("base."): _NEVER_RUN for name in part.weights.keys() - kept.keys()}
    keypoints, out, *_ = part.shape("base.head.stacks.0.weight", 4)
    entry = PLAIN_ENTRIES["hourglass"].model
    crop = wishes.crop_size_wh_px or entry.crop_size_wh_px
    alignment = wishes.alignment or entry.alignment
    names, edges = keypoints_of(keypoints, wishes)
    base = BaseConfig("hourglass" if stacks == 1 else "hourglass2", out / OUT)
    model = replace(
        entry,
        network=PlainConfig(base),
        codec=heat_maps(crop, alignment),
        crop_size_wh_px=crop,
        alignment=alignment,
        keypoint_names=names,
        edges=edges,
    )
    return Recognised(
        layout_words(f"Hourglass of {stacks} stack{'s' * (stacks - 1)}", toolbox_of(weights)),
        model,
        kept,
        {**part.unused, **dict(sorted(unused.items()))},
        part.unknown,
    )


def _mspn_keypoints(part: Part) -> int:
    return part.shape(f"base.head.levels.{STAGES * LEVELS - 1}.1.0.weight", 4)[0]


def _zero_biases(part: Part) -> dict[str, Tensor]:
    convolutions = [name for name, value in part.weights.items() if value.ndim == 4]
    return {
        f"{name.removesuffix('weight')}bias": torch.zeros(len(part.weights[name]))
        for name in convolutions
    }
