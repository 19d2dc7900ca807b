"""What an ONNX file says of itself in its metadata. No torch, no ONNX: plain texts both ways.

A file holds the checkpoint's description (`config.json`) under `checkpoint`, and under `input` and
`outputs` in words what goes in and what comes out. Every runtime gives these texts to its user.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import UserError
from core.models.checkpoint_config import CheckpointConfig
from core.models.config_bounds import problems_of
from core.models.config_json import as_json, read_object

FORMAT = "1"  # raised when the meaning of a key changes
INPUT = "crops"
CELLS, MAPS = "cells_", "maps_"  # of a level of HybridPose; its stride follows

_CROPS = (
    "crops: (B, 3, {height}, {width}) float32. Persons cut out as `checkpoint.model` says "
    "(padding, alignment), channels in `channel_order`, (pixel of 0..255 - mean) / std."
)
_PICTURES = (
    "crops: (B, 3, {height}, {width}) float32. Whole pictures, letterboxed, channels in "
    "`channel_order`, (pixel of 0..255 - mean) / std."
)
# By output; B pictures, K keypoints in the order of `keypoint_names`.
_OUTPUTS = {
    "xy_crop_px": "(B, K, 2) places in pixels of the crop, the first pixel's centre at 0",
    "heat_score": "(B, K) in 0..1, height of the peak, higher = surer place",
    "places": "(B, K, h, w) heat maps, 1 where a map is as high as its target",
    "columns": "(B, K, W * split) of SimCC, as they are averaged in flip tests",
    "rows": "(B, K, H * split) of SimCC, as they are averaged in flip tests",
    "flags": "(B, K, 3) p(v = 0, 1, 2), rows sum to 1",
    "presence": "(B, K) in 0..1, p(v > 0)",
    "visible": "(B, K) in 0..1, p(v = 2)",
    "similarity": "(B, K) in 0..1, expected similarity with the true place, higher = nearer",
    CELLS: "(B, 3, 5 + 2K, h, w) logits of box, objectness and keypoints, 3 anchors in each cell",
    MAPS: "(B, 3, K, h, w) logits of visibility maps",
}


@dataclass(frozen=True)
class ExportedModel:
    """What was written.

    Attributes:
        name: of the model.
        outputs: in the file's order.
        size_bytes: of all that was written.
        data_file: the weights, where one file cannot hold them; None where it does.
    """

    name: str
    out: Path
    outputs: tuple[str, ...]
    size_bytes: int
    data_file: Path | None = None


def described(config: CheckpointConfig, outputs: Iterable[str]) -> dict[str, str]:
    """The metadata of a file with these outputs; how it was trained is left out."""
    width, height = config.model.crop_size_wh_px
    outputs = list(outputs)
    of_crops = "heat_score" in outputs
    return {
        "format": FORMAT,
        "checkpoint": _text(as_json(replace(config, training={}))),
        "input": (_CROPS if of_crops else _PICTURES).format(width=width, height=height),
        "outputs": _text({name: _OUTPUTS[name.rstrip("0123456789")] for name in outputs}),
    }


def read_description(metadata: Mapping[str, str], *, where: str) -> CheckpointConfig:
    """The checkpoint a file was exported from, of the metadata that any runtime gives.

    Args:
        metadata: e.g. `InferenceSession(file).get_modelmeta().custom_metadata_map`.
        where: the file, for messages.

    Raises:
        UserError: it was not exported by this program, or by a newer one, or does not fit.
    """
    if metadata.get("format") != FORMAT or "checkpoint" not in metadata:
        raise UserError(
            "This file does not say how its input is made and its output is read.",
            where=where,
            remedy="Export it with `python -m app export-model`, of this version.",
        )
    problems: list[str] = []
    try:
        said = json.loads(metadata["checkpoint"])
    except (ValueError, RecursionError) as error:
        raise UserError("What this file says of itself is damaged.", where=where) from error
    config = read_object(said, CheckpointConfig, "", problems)
    if config is not None:
        problems += problems_of(config)
    if config is None or problems:
        raise UserError("The description does not fit.", where=where, problems=problems)
    return config


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
