"""A ViTPose of the Hub: from its folder of config.json and model.safetensors to a checkpoint."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from torch import Tensor

from core.data.skeleton import COCO17
from core.errors import UserError
from core.models.catalog import build_model, sketch_model
from core.models.checkpoint import fill, read_weights, require_fit, save_checkpoint
from core.models.checkpoint_config import CheckpointConfig
from core.models.config_bounds import model_problems, out_of_bounds
from core.models.hub_folder import (
    CONFIG_FILE,
    PREPROCESSOR_FILE,
    WEIGHTS_FILE,
    read_json,
    require_bounded,
)
from core.models.model_config import ModelConfig
from core.models.vitpose.config import VitposeConfig
from core.models.vitpose.sizes import vitpose_model

MODEL_TYPE = "vitpose"
BLUR_SIGMA_PX = 0.8  # before DARK, as `transformers` has it
_COUNTER = ".num_batches_tracked"  # of a batch norm; some files leave it out
_SIDES = {"l": "left", "r": "right"}
_UNNAMED = re.compile(r"LABEL_\d+")

T = TypeVar("T")


def add_hub_vitpose(
    folder: Path,
    into: Path,
    *,
    name: str,
    keypoint_names: Sequence[str] | None = None,
    source: str = "",
    licence: str = "",
) -> CheckpointConfig:
    """Make a checkpoint folder `into` of a Hub folder; numbers are kept as they are.

    Args:
        keypoint_names: where the description names none or others are wanted.
        source: where it is from, for its card.

    Raises:
        UserError: it is no ViTPose, its description and weights do not go together, or the
            keypoints have no names.
    """
    weights_file = folder / WEIGHTS_FILE
    weights = _with_counters(read_weights(weights_file))
    model = read_hub_vitpose(folder, num_keypoints=_outputs(weights), names=keypoint_names)
    require_fit(sketch_model(model), weights, where=str(weights_file))
    network = build_model(model)
    fill(network, weights, where=str(weights_file))
    config = CheckpointConfig(
        name=name,
        model=model,
        what=f"Places of {len(model.keypoint_names)} keypoints: ViTPose (Xu et al. 2022).",
        licence=licence,
        trained_on=f"Weights of {source}." if source else "",
        data_sha256="",
        num_parameters=0,
        weights_sha256="",
    )
    return save_checkpoint(network, config, into, half=False)


def read_hub_vitpose(
    folder: Path, *, num_keypoints: int, names: Sequence[str] | None = None
) -> ModelConfig:
    """The model a Hub folder describes, decoded as `transformers` does.

    Args:
        num_keypoints: how many its weights give.
        names: of the keypoints; None: as the description has them, in COCO's spelling.

    Raises:
        UserError: no ViTPose, or one of another kind than these weights.
    """
    file = folder / CONFIG_FILE
    said = read_json(file)
    if said.get("model_type") != MODEL_TYPE:
        raise UserError(
            f"This is no ViTPose: its model_type is {str(said.get('model_type'))[:60]!r}.",
            where=str(file),
        )
    require_bounded(said, file)
    backbone = said.get("backbone_config")
    inside: Mapping[str, Any] = backbone if isinstance(backbone, dict) else {}
    height, width = _two(inside.get("image_size", (256, 192)), "image_size", file)
    network = _network(said, inside, file)
    _require(list(out_of_bounds(network, "network.")), file)
    model = vitpose_model(network, (width, height), blur_sigma_px=BLUR_SIGMA_PX)
    model = replace(model, **_keypoints(said, num_keypoints, names, file), **_normalisation(folder))
    _require(model_problems(model), file)
    return model


def _require(problems: Sequence[str], file: Path) -> None:
    if problems:
        raise UserError("The description does not fit.", where=str(file), problems=problems)


def _network(said: Mapping[str, Any], inside: Mapping[str, Any], file: Path) -> VitposeConfig:
    """The numbers of the description, with the defaults of `transformers`."""
    patch_height, patch_width = _two(inside.get("patch_size", (16, 16)), "patch_size", file)
    if patch_height != patch_width or inside.get("hidden_act", "gelu") != "gelu":
        raise UserError("Only square patches and GELU are known of ViTPose.", where=str(file))
    return VitposeConfig(
        hidden=inside.get("hidden_size", 768),
        layers=inside.get("num_hidden_layers", 12),
        heads=inside.get("num_attention_heads", 12),
        mlp_ratio=inside.get("mlp_ratio", 4),
        patch_px=patch_width,
        decoder="simple" if said.get("use_simple_decoder", True) else "classic",
        scale=said.get("scale_factor", 4),
        experts=inside.get("num_experts", 1),
        part_features=inside.get("part_features", 256) or 1,
        layer_norm_eps=inside.get("layer_norm_eps", 1e-12),
        qkv_bias=inside.get("qkv_bias", True),
    )


def _keypoints(
    said: Mapping[str, Any], count: int, wanted: Sequence[str] | None, file: Path
) -> dict[str, Any]:
    """Names and edges of the model's config."""
    names = tuple(wanted or _names(said, count))
    if not names and count == COCO17.size:
        names = COCO17.names  # every public ViTPose with 17 keypoints has COCO's
    if not names:
        raise UserError(
            f"The description does not name the {count} keypoints.",
            where=str(file),
            remedy="Name them with --keypoints, in the order of the network.",
        )
    if len(names) != count:
        raise UserError(
            f"The network has {count} keypoints; these are {len(names)} names.", where=str(file)
        )
    if names == COCO17.names:
        return {"keypoint_names": names, "edges": COCO17.edges}
    return {"keypoint_names": names, "edges": ()}


def _names(said: Mapping[str, Any], count: int) -> tuple[str, ...]:
    """`id2label` in COCO's spelling: L_Eye is left_eye; empty where it names none."""
    listed = said.get("id2label")
    labels = [listed.get(str(k)) for k in range(count)] if isinstance(listed, dict) else []
    if not labels or not all(isinstance(label, str) for label in labels):
        return ()
    if all(_UNNAMED.fullmatch(str(label)) for label in labels):
        return ()
    return tuple(_spelled(str(label)) for label in labels)


def _spelled(label: str) -> str:
    first, _, rest = label.strip().lower().replace(" ", "_").partition("_")
    return f"{_SIDES[first]}_{rest}" if rest and first in _SIDES else f"{first}_{rest}".rstrip("_")


def _normalisation(folder: Path) -> dict[str, Any]:
    """Mean and standard deviation of 0..255; none where the folder says nothing of them."""
    file = folder / PREPROCESSOR_FILE
    before = read_json(file, needed=False)
    require_bounded(before, file)
    found = {}
    for ours, theirs in (("mean", "image_mean"), ("std", "image_std")):
        if theirs in before:
            values = before[theirs]
            if not isinstance(values, list) or not all(type(n) in (int, float) for n in values):
                raise UserError(f"{theirs} is no list of numbers.", where=str(file))
            found[ours] = tuple(255.0 * n for n in values)
    return found


def _outputs(weights: Mapping[str, Tensor]) -> int:
    """K, by the last layer; 0 where there is none."""
    last = weights.get("head.conv.weight")
    return 0 if last is None or last.ndim == 0 else last.shape[0]


def _with_counters(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    counters = {
        f"{name.removesuffix('.running_mean')}{_COUNTER}": value.new_zeros(()).long()
        for name, value in weights.items()
        if name.endswith(".running_mean")
    }
    return counters | weights


def _two(value: object, name: str, file: Path) -> tuple[int, int]:
    """Height and width; a single number is both."""
    sides = [value, value] if isinstance(value, int) else value
    if isinstance(sides, list | tuple) and len(sides) == 2 and all(type(s) is int for s in sides):
        return sides[0], sides[1]
    raise UserError(f"{name} is {str(value)[:60]}, not height and width.", where=str(file))
