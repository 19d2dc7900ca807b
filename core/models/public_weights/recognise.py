"""Which network a file of weights is of: seen from the names, without running anything."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from torch import Tensor

from core.errors import UserError
from core.models.config_bounds import model_problems
from core.models.public_weights.recognised import Recognised, Wishes
from core.models.public_weights.staged_layouts import read_hourglass, read_mspn
from core.models.public_weights.top_down_layouts import read_hrnet, read_sbl
from core.models.public_weights.vitpose_layouts import read_vitpose

_SHOWN = 8  # first names in a message


class Layout(NamedTuple):
    """A layout that is known.

    Attributes:
        words: for lists.
        marks: every one fits the beginning of some name.
    """

    words: str
    marks: tuple[str, ...]
    read: Callable[[Mapping[str, Tensor], Wishes], Recognised]


_HEAD = r"(keypoint_head\.|head\.(deconv_head\.)?)?"

LAYOUTS = (
    Layout(
        "HRNet-W32, -W48 (authors, mmpose 0.x and 1.x), also with SimCC",
        (r"(backbone\.)?stage4\.0\.branches\.3\.", rf"{_HEAD}final_layer\.weight$"),
        read_hrnet,
    ),
    Layout(
        "SimpleBaseline on ResNet-50, -101, -152 (authors, mmpose 0.x and 1.x), also with SimCC",
        (r"(backbone\.)?layer4\.0\.conv1\.", rf"{_HEAD}deconv_layers\.0\.weight$"),
        read_sbl,
    ),
    Layout("MSPN of two stages (authors)", (r"top\.conv\.conv\.", r"stage0\.down"), read_mspn),
    Layout(
        "MSPN of two stages (mmpose)",
        (r"backbone\.multi_stage_mspn\.", r"(keypoint_)?head\.predict_layers\."),
        read_mspn,
    ),
    Layout(
        "Hourglass (mmpose)",
        (r"backbone\.hourglass_modules\.", r"(keypoint_)?head\.multi_final_layers\."),
        read_hourglass,
    ),
    Layout(
        "ViTPose, ViTPose++ (authors)",
        (r"backbone\.blocks\.0\.attn\.qkv\.", r"keypoint_head\.final_layer\."),
        read_vitpose,
    ),
    Layout(
        "ViTPose (mmpose 1.x)",
        (r"backbone\.layers\.0\.attn\.qkv\.", r"head\.final_layer\."),
        read_vitpose,
    ),
)

# What people have besides: the mark, what it is, what to do.
_OTHERS = (
    (r"base\.(backbone|head)\.", "a network of this program", "Use its checkpoint folder."),
    (
        r"backbone\.encoder\.layer\.0\.attention\.",
        "a ViTPose of the Hub",
        "Give the folder it came in, with its config.json.",
    ),
    (r"(head\.)?probability_layers\.", "ProbPose", ""),
    (r"global_encoder\.", "TransPose", ""),
    (r"head\.(gau|cls_x)\.", "RTMPose", ""),
    (r"roi_heads\.", "a detector of torchvision", ""),
    (r"model\.\d+\.(conv|cv1|m)\.", "a detector of the YOLO line", ""),
    (
        r"(backbone\.)?(layer4|stage4)\.",
        "a backbone alone, or with another head than is known",
        "`train RECIPE --start FILE` begins with its backbone.",
    ),
)


def recognise(weights: Mapping[str, Tensor], wishes: Wishes | None = None) -> Recognised:
    """The network, its preprocessing and the weights under its names.

    Preprocessing goes with the layout; mmpose's classic and unbiased (UDP) networks have the same
    names, and classic is taken unless `wishes.alignment` says "udp".

    Raises:
        UserError: no known layout; or a network of it that is not built here, or that no wishes
            fit.
    """
    for layout in LAYOUTS:
        if all(any(re.match(mark, name) for name in weights) for mark in layout.marks):
            found = layout.read(weights, wishes or Wishes())
            problems = model_problems(found.model)
            if problems:
                raise UserError(
                    f"{found.layout}: such a network is not built here.", problems=problems
                )
            return found
    raise _unknown(weights)


def _unknown(weights: Mapping[str, Tensor]) -> UserError:
    for mark, what, remedy in _OTHERS:
        if any(re.match(mark, name) for name in weights):
            return UserError(
                f"These look like weights of {what}; no layout of pose weights known here fits.",
                remedy=remedy or f"Known: {'; '.join(layout.words for layout in LAYOUTS)}.",
            )
    names = list(weights)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    seen = ", ".join(name[:80] for name in names[:_SHOWN]) or "none"
    return UserError(
        "No layout of pose weights known here fits these.",
        remedy=f"Known: {'; '.join(layout.words for layout in LAYOUTS)}.",
        problems=[f"names: {seen}{more}"],
    )
