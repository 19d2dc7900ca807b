"""SimpleBaseline and HRNet with heat maps or SimCC's layers, as authors and mmpose name them."""

from collections.abc import Mapping
from dataclasses import replace

from torch import Tensor

from core.errors import UserError
from core.models.bases.config import BaseConfig
from core.models.bases.hrnet import STEM
from core.models.bases.layers import channels
from core.models.bases.resnet import DEPTHS
from core.models.bases.sbl import DECONV_CHANNELS
from core.models.plain.config import PlainConfig
from core.models.plain.entries import PLAIN_ENTRIES
from core.models.public_weights.naming import BACKBONE, HEAD, Naming, Rule, of_resnet
from core.models.public_weights.recognised import (
    Part,
    Recognised,
    Wishes,
    heat_maps,
    keypoints_of,
    layout_words,
    part_of,
    simcc_of,
    toolbox_of,
)

_HEADS: tuple[Rule, ...] = (
    (rf"{HEAD}(deconv_layers\.\d+|final_layer)\.", r"base.head.\1."),
    (rf"{HEAD}(mlp_head_[xy])\.", r"head.\1."),
)
_SBL = Naming((*of_resnet("base.backbone."), *_HEADS), {})
_HRNET = Naming(
    (
        (
            rf"{BACKBONE}(conv[12]|bn[12]|layer1|transition[123]|stage[234])\.",
            r"base.backbone.\1.",
        ),
        *_HEADS,
    ),
    {},
)
_FINAL = "base.head.final_layer.weight"
_WIDTHS = {"hrnet_w32": 32, "hrnet_w48": 48}


def read_sbl(weights: Mapping[str, Tensor], wishes: Wishes) -> Recognised:
    """SimpleBaseline, or SimCC on it.

    Raises:
        UserError: a ResNet that is not built here, or wishes that do not go with the weights.
    """
    part = part_of(weights, _SBL)
    start = "base.backbone.encoder.stages."
    blocks = tuple(part.count(f"{start}{stage}.layers.") for stage in range(4))
    depth = next((depth for depth, known in DEPTHS.items() if known == blocks), None)
    if depth is None or part.count(f"{start}0.layers.0.layer.") != 3:
        raise UserError(
            f"A ResNet with {'-'.join(map(str, blocks))} blocks of these layers is not built here.",
            remedy=f"Known: ResNet-{', -'.join(map(str, DEPTHS))}.",
        )
    width = part.shape("base.head.deconv_layers.0.weight", 4)[1] / DECONV_CHANNELS
    # Authors read photos as BGR, mmpose turns them.
    order = "BGR" if toolbox_of(weights) == "authors" else "RGB"
    return _recognised(
        weights, part, wishes, BaseConfig(f"sbl_r{depth}", width), channel_order=order
    )


def read_hrnet(weights: Mapping[str, Tensor], wishes: Wishes) -> Recognised:
    """HRNet, or SimCC on it.

    Raises:
        UserError: an HRNet that is not built here, or wishes that do not go with the weights.
    """
    part = part_of(weights, _HRNET)
    width = part.shape("base.backbone.conv1.weight", 4)[0] / STEM
    finest = part.shape(_FINAL, 4)[1]
    name = next((n for n, full in _WIDTHS.items() if channels(full, width) == finest), None)
    if name is None:
        raise UserError(
            f"HRNet-W{finest} is not built here.",
            remedy=f"Known: HRNet-W{', -W'.join(map(str, _WIDTHS.values()))}.",
        )
    return _recognised(weights, part, wishes, BaseConfig(name, width), channel_order="RGB")


def _recognised(
    weights: Mapping[str, Tensor],
    part: Part,
    wishes: Wishes,
    base: BaseConfig,
    *,
    channel_order: str,
) -> Recognised:
    toolbox = toolbox_of(weights)
    alignment = wishes.alignment or "classic"
    model = replace(
        PLAIN_ENTRIES[base.name].model,
        network=PlainConfig(base),
        channel_order=channel_order,
        alignment=alignment,
    )
    simcc = "head.mlp_head_x.weight" in part.weights
    if simcc:
        codec, crop = simcc_of(part, toolbox=toolbox, alignment=alignment)
        _require_crop(crop, wishes)
        model = replace(model, codec=codec, crop_size_wh_px=crop)
    else:
        crop = wishes.crop_size_wh_px or model.crop_size_wh_px
        model = replace(model, codec=heat_maps(crop, alignment), crop_size_wh_px=crop)
    names, edges = keypoints_of(part.shape(_FINAL, 4)[0], wishes)
    words = f"{'SimCC' if simcc else 'Heat maps'} on {_WORDS[base.name]}"
    return Recognised(
        layout_words(words, toolbox),
        replace(model, keypoint_names=names, edges=edges),
        part.weights,
        part.unused,
        part.unknown,
    )


def _require_crop(seen: tuple[int, int], wishes: Wishes) -> None:
    wished = wishes.crop_size_wh_px
    if wished is not None and tuple(wished) != seen:
        raise UserError(
            f"These SimCC layers are for crops of {seen[0]}x{seen[1]} pixels, "
            f"not {wished[0]}x{wished[1]}.",
            remedy="Leave the crop size out.",
        )


_WORDS = {
    **{f"sbl_r{depth}": f"ResNet-{depth} (SimpleBaseline)" for depth in DEPTHS},
    **{name: f"HRNet-W{full}" for name, full in _WIDTHS.items()},
}
