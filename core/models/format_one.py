"""Checkpoints of format 1, which knew one network: they are read as if written today. No torch."""

from collections.abc import Mapping
from typing import Any, TypeVar

ONLY_NETWORK = "metamodel_tiny"
# Where the numbers of format 1 stand now.
_MOVED = {
    "map_size_wh_px": "size_wh_px",
    "sigma_px": "sigma_px",
    "flip_shift_px": "flip_shift_px",
}
_CODEC = {
    "kind": "heatmap", "activation": "softmax", "refine": "newton", "blur_px": 11,
    "blur_sigma_px": 0.0, "height": 1.0, "rounded": False,
}  # fmt: skip
_NETWORK = {
    "base": {"name": "tiny", "width": 1.0},
    "bottleneck": 64, "reduced": 32, "hidden": [256], "dropout": 0.2,
}  # fmt: skip
_RENAMED = {"base.": "base.backbone.", "pose_head.": "base.head."}

ValueT = TypeVar("ValueT")


def of_format_one(found: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    """The description as format 2 says it; what has no place there stays where it is.

    Args:
        found: what JSON holds.
        problems: a network that format 1 never had is added.
    """
    model = found.get("model")
    if not isinstance(model, dict):
        return dict(found)
    architecture = model.get("architecture", ONLY_NETWORK)
    if architecture != ONLY_NETWORK:
        problems.append(f"model.architecture is {str(architecture)[:60]!r}, not {ONLY_NETWORK}")
    codec = _CODEC | {new: model[old] for old, new in _MOVED.items() if old in model}
    kept = {name: model[name] for name in model if name not in {*_MOVED, "architecture"}}
    placed = {"family": "metamodel", "network": _NETWORK, "codec": codec, "alignment": "centres"}
    return {**found, "model": placed | kept}


def renamed_weights(weights: Mapping[str, ValueT]) -> dict[str, ValueT]:
    """Weights of format 1 by today's names; those of format 2 as they are.

    Format 1 knew metamodels alone: HybridPose has a part called pose_head, too, but no flag_branch.
    """
    tops = {name.split(".")[0] for name in weights}
    if not {"pose_head", "flag_branch"} <= tops:
        return dict(weights)
    return {_renamed(name): value for name, value in weights.items()}


def _renamed(name: str) -> str:
    for old, new in _RENAMED.items():
        if name.startswith(old):
            return new + name.removeprefix(old)
    return name
