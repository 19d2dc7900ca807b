"""ViTPose as its authors (mmpose 0.x) and mmpose 1.x (mmpretrain) name it; to `transformers`'."""

import math
from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from core.errors import UserError
from core.models.public_weights.naming import Naming, Rule
from core.models.public_weights.recognised import (
    Part,
    Recognised,
    Wishes,
    keypoints_of,
    layout_words,
    part_of,
)
from core.models.vitpose.config import VitposeConfig
from core.models.vitpose.sizes import vitpose_model

HEADS_OF_WIDTH = {384: 12, 768: 12, 1024: 16, 1280: 16}  # no weight says how many
LAYER_NORM_EPS = 1e-6  # both toolboxes'; `transformers` has 1e-12
_ASPECT_WH = (3, 4)  # of crops of persons
_HEAD = r"^(?:keypoint_head|head)\."
_OTHER_HEADS = {
    r"associate_(keypoint_)?heads\.": "a head for keypoints of another data set",
    r"backbone\.cls_token$": "a class token, which keypoints do not need",
}
_LAYER = "backbone.encoder.layer."
_POSITIONS = "backbone.embeddings.position_embeddings"
_PROJECTION = "backbone.embeddings.patch_embeddings.projection"

_HEADS: tuple[Rule, ...] = (
    (rf"{_HEAD}deconv_layers\.0\.", "head.deconv1."),
    (rf"{_HEAD}deconv_layers\.1\.", "head.batchnorm1."),
    (rf"{_HEAD}deconv_layers\.3\.", "head.deconv2."),
    (rf"{_HEAD}deconv_layers\.4\.", "head.batchnorm2."),
    (rf"{_HEAD}final_layer\.", "head.conv."),
)
_AUTHORS = Naming(
    (
        (r"^backbone\.pos_embed$", _POSITIONS),
        (r"^backbone\.patch_embed\.proj\.", f"{_PROJECTION}."),
        (r"^backbone\.last_norm\.", "backbone.layernorm."),
        (r"^backbone\.blocks\.(\d+)\.norm1\.", rf"{_LAYER}\1.layernorm_before."),
        (r"^backbone\.blocks\.(\d+)\.norm2\.", rf"{_LAYER}\1.layernorm_after."),
        (r"^backbone\.blocks\.(\d+)\.attn\.qkv\.", rf"{_LAYER}\1.qkv."),
        (r"^backbone\.blocks\.(\d+)\.attn\.proj\.", rf"{_LAYER}\1.attention.output.dense."),
        (r"^backbone\.blocks\.(\d+)\.mlp\.(fc[12]|experts\.\d+)\.", rf"{_LAYER}\1.mlp.\2."),
        *_HEADS,
    ),
    _OTHER_HEADS,
)
_MMPRETRAIN = Naming(
    (
        (r"^backbone\.pos_embed$", _POSITIONS),
        (r"^backbone\.patch_embed\.projection\.", f"{_PROJECTION}."),
        (r"^backbone\.ln1\.", "backbone.layernorm."),
        (r"^backbone\.layers\.(\d+)\.ln1\.", rf"{_LAYER}\1.layernorm_before."),
        (r"^backbone\.layers\.(\d+)\.ln2\.", rf"{_LAYER}\1.layernorm_after."),
        (r"^backbone\.layers\.(\d+)\.attn\.qkv\.", rf"{_LAYER}\1.qkv."),
        (r"^backbone\.layers\.(\d+)\.attn\.proj\.", rf"{_LAYER}\1.attention.output.dense."),
        (r"^backbone\.layers\.(\d+)\.ffn\.layers\.0\.0\.", rf"{_LAYER}\1.mlp.fc1."),
        (r"^backbone\.layers\.(\d+)\.ffn\.layers\.1\.", rf"{_LAYER}\1.mlp.fc2."),
        *_HEADS,
    ),
    _OTHER_HEADS,
)


def read_vitpose(weights: Mapping[str, Tensor], wishes: Wishes) -> Recognised:
    """ViTPose and ViTPose++ in either layout.

    Raises:
        UserError: a width whose attention heads are not known, or a crop that is not seen.
    """
    authors = any(name.startswith("backbone.blocks.") for name in weights)
    part = part_of(weights, _AUTHORS if authors else _MMPRETRAIN)
    part = _without_spare_experts(part)
    network = _network(part)
    crop = _crop_of(part, network.patch_px, wishes)
    made = _split(part, network, crop)
    names, edges = keypoints_of(part.shape("head.conv.weight", 4)[0], wishes)
    model = replace(
        vitpose_model(network, crop),
        keypoint_names=names,
        edges=edges,
        alignment=wishes.alignment or "udp",
    )
    words = "ViTPose++" if network.experts > 1 else "ViTPose"
    toolbox = "authors" if authors else "mmpose 1.x"
    return Recognised(
        layout_words(f"{words} of width {network.hidden}", toolbox),
        model,
        part.weights,
        part.unused,
        part.unknown,
        made,
    )


def _network(part: Part) -> VitposeConfig:
    hidden, _, patch_px, _ = part.shape(f"{_PROJECTION}.weight", 4)
    heads = HEADS_OF_WIDTH.get(hidden)
    if heads is None:
        known = ", ".join(map(str, HEADS_OF_WIDTH))
        raise UserError(
            f"How many attention heads a ViTPose of width {hidden} has is not known.",
            remedy=f"Known widths: {known}.",
        )
    first = f"{_LAYER}0."
    experts = part.count(f"{first}mlp.experts.")
    config = VitposeConfig(
        hidden=hidden,
        layers=part.count(_LAYER),
        heads=heads,
        mlp_ratio=part.shape(f"{first}mlp.fc1.weight", 2)[0] // hidden,
        patch_px=patch_px,
        decoder="classic" if "head.deconv1.weight" in part.weights else "simple",
        layer_norm_eps=LAYER_NORM_EPS,
        qkv_bias=f"{first}qkv.bias" in part.weights,
    )
    if not experts:
        return config
    rows = part.shape(f"{first}mlp.experts.0.weight", 2)[0]
    return replace(config, experts=experts, part_features=rows)


def _without_spare_experts(part: Part) -> Part:
    """A file cut out of ViTPose++ for one data set has its expert in fc2 already."""
    hidden = part.shape(f"{_PROJECTION}.weight", 4)[0]
    if part.shape(f"{_LAYER}0.mlp.fc2.weight", 2)[0] != hidden:
        return part
    spare = [name for name in part.weights if ".mlp.experts." in name]
    kept = {name: value for name, value in part.weights.items() if name not in spare}
    why = "an expert of another data set; the file's own is in fc2"
    return replace(part, weights=kept, unused={**part.unused, **dict.fromkeys(spare, why)})


def _crop_of(part: Part, patch_px: int, wishes: Wishes) -> tuple[int, int]:
    """The crop whose patches have so many positions; one more may be the class token's."""
    positions = part.shape(_POSITIONS, 3)[1]
    wished = wishes.crop_size_wh_px
    if wished is not None:
        patches = (wished[0] // patch_px) * (wished[1] // patch_px)
        if positions in (patches, patches + 1):
            return wished
        raise UserError(
            f"These weights have {positions} positions; crops of {wished[0]}x{wished[1]} pixels "
            f"have {patches} patches.",
            remedy="Leave the crop size out, or give the one they were trained with.",
        )
    for patches in (positions - 1, positions):
        for across, down in (_ASPECT_WH, (1, 1)):
            times = math.isqrt(max(0, patches) // (across * down))
            if times and times**2 * across * down == patches:
                return times * across * patch_px, times * down * patch_px
    raise UserError(
        f"These weights have {positions} positions; which crop these are is not known.",
        remedy="Give the crop size they were trained with.",
    )


def _split(part: Part, network: VitposeConfig, crop: tuple[int, int]) -> dict[str, str]:
    """Positions and attention as `transformers` has them, in place; what was made is said."""
    made = {}
    across, down = network.grid_wh(crop)
    positions = part.weights[_POSITIONS]
    if positions.shape[1] == across * down:
        # Added to every position, so zeros change nothing.
        part.weights[_POSITIONS] = torch.cat([torch.zeros_like(positions[:, :1]), positions], dim=1)
        made[_POSITIONS] = "zeros in the first place, which the layout does not have"
    for name in [name for name in part.weights if ".qkv." in name]:
        both = part.weights.pop(name)
        if len(both) != 3 * network.hidden:
            part.weights[name] = both  # of another shape than known: it will be called unknown
            continue
        for third, kind in zip(both.chunk(3), ("query", "key", "value"), strict=True):
            part.weights[name.replace("qkv", f"attention.attention.{kind}")] = third
    return made
