"""Checkpoint folders: weights, config and card. Weights are numbers only, never pickled code."""

import hashlib
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_safetensors
from safetensors.torch import save as save_safetensors
from torch import Tensor, nn

from core.data.whole_file import words_for_disk_errors, write_whole
from core.errors import UserError
from core.models.catalog import empty_model, sketch_model
from core.models.checkpoint_config import (
    WEIGHTS_FILE,
    CheckpointConfig,
    aside_file,
    read_config,
    tidy,
    weights_file,
    write_config,
)
from core.models.format_one import renamed_weights

MAX_WEIGHTS_BYTES = 4 * 1024**3
_EXAMPLES = 3  # names shown where many are missing
_LONGEST = 120  # characters of a name in a message


def save_checkpoint(
    model: nn.Module, config: CheckpointConfig, folder: Path, *, half: bool = True
) -> CheckpointConfig:
    """Write weights and config; the config comes back with hash and parameter count filled in.

    Args:
        half: store float16, which halves the file and moves a keypoint by a hundredth of a pixel;
            what a float16 cannot hold stays as it is.

    Raises:
        UserError: the disk is full or the folder may not be written to; the old checkpoint stays.
    """
    weights = {
        name: (_halved(value) if half else value).contiguous()
        for name, value in model.state_dict().items()
    }
    packed = save_safetensors(weights)
    written = replace(
        config,
        num_parameters=sum(parameter.numel() for parameter in model.parameters()),
        weights_sha256=hashlib.sha256(packed).hexdigest(),
    )
    with words_for_disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            write_whole(aside_file(folder, written), packed)
            write_config(written, folder)  # from here on it is the new checkpoint
        finally:
            tidy(folder)
    return written


def _halved(value: Tensor) -> Tensor:
    """As float16, where that is finite: variances of batch norms may be above 65,504."""
    if not value.is_floating_point():
        return value
    halved = value.half()
    return halved if torch.equal(halved.isfinite(), value.isfinite()) else value


def load_checkpoint(folder: Path) -> tuple[nn.Module, CheckpointConfig]:
    """The network in eval mode, float32 on the CPU, and what the folder says of it.

    Raises:
        UserError: files missing, damaged, exchanged, or of another network.
    """
    config, packed, file = _read_pair(folder)
    weights = _unpack(packed, file)
    if hashlib.sha256(packed).hexdigest() != config.weights_sha256:
        raise UserError(
            "The weights are not those that config.json describes.",
            where=str(file),
            remedy="The two files were written apart or one of them is damaged.",
        )
    weights = renamed_weights(weights)
    require_fit(sketch_model(config.model), weights, where=str(file))  # before memory is taken
    model = empty_model(config.model)
    fill(model, weights, where=str(file))
    return model.eval(), config


def _read_pair(folder: Path) -> tuple[CheckpointConfig, bytes, Path]:
    """Description and weights; read again if somebody wrote new ones in between."""
    config = read_config(folder)
    file = weights_file(folder, config)
    if file is None:
        raise UserError(f"{WEIGHTS_FILE} is missing.", where=str(folder))
    try:
        packed = _packed(file)
    except UserError:
        if file.is_file():
            raise
        return _read_pair(folder)  # it got its usual name meanwhile
    if read_config(folder).weights_sha256 != config.weights_sha256:
        return _read_pair(folder)
    return config, packed, file


def _packed(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        if not file.is_file():  # a device has no size, and no end either
            raise UserError("This is no file of weights.", where=str(file))
        _require_size(size, file)
        return file.read_bytes()
    except OSError as error:
        raise UserError(
            f"The weights cannot be read: {error.strerror}.", where=str(file)
        ) from error


def read_weights(file: Path) -> dict[str, Tensor]:
    """Weights of a .safetensors file, or of a PyTorch file that holds nothing but tensors.

    Common wrappers (`state_dict`, `model`, a `module.` before every name) are taken off.

    Raises:
        UserError: the file cannot be read, reading it would run code, or it holds more than plain
            tensors or larger ones than fit.
    """
    if file.suffix == ".safetensors":
        return _unpack(_packed(file), file)
    try:
        with warnings.catch_warnings():  # torch remarks on a file that it is about to refuse
            warnings.simplefilter("ignore")
            found = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever a damaged or hostile file makes it stumble over
        raise UserError(
            "This file does not hold plain weights: reading it would run code, or it is damaged.",
            where=str(file),
            remedy="Save the network's state_dict() alone, best as .safetensors.",
        ) from error
    return _unwrapped(found, file)


def fill(model: nn.Module, weights: Mapping[str, Tensor], *, where: str) -> None:
    """Put weights into a network; every name and shape has to fit.

    Raises:
        UserError: listing what is missing, unknown, of another shape or no number.
    """
    require_fit(model, weights, where=where)
    if problems := without_numbers(weights):
        more = [f"and {len(problems) - _EXAMPLES} more"] if len(problems) > _EXAMPLES else []
        raise UserError(
            "With these weights a network says nothing: some are no numbers.",
            where=where,
            problems=[*problems[:_EXAMPLES], *more],
        )
    wanted = model.state_dict()
    model.load_state_dict({name: weights[name].to(wanted[name].dtype) for name in wanted})


def require_fit(model: nn.Module, weights: Mapping[str, Tensor], *, where: str) -> None:
    """Pass where every name and shape of a network is in the weights, and nothing else.

    Raises:
        UserError: listing what is missing, unknown, or of another shape.
    """
    wanted = model.state_dict()
    missing = [name for name in wanted if name not in weights]
    unknown = [name for name in weights if name not in wanted]
    reshaped = [
        f"{name} is {_shape(weights[name])}, the network has {_shape(wanted[name])}"
        for name in wanted
        if name in weights and weights[name].shape != wanted[name].shape
    ]
    problems = [*_listed("missing", missing), *_listed("unknown", unknown)]
    problems += [*reshaped[:_EXAMPLES], *_rest(reshaped)]
    if problems:
        raise UserError(
            "These weights belong to another network.",
            where=where,
            problems=problems,
        )


def without_numbers(weights: Mapping[str, Tensor]) -> list[str]:
    """A line for every weight that holds infinity or what is no number."""
    return [
        f"holds what is no number: {name}"
        for name, value in weights.items()
        if value.is_floating_point() and not value.isfinite().all()
    ]


def _unpack(packed: bytes, file: Path) -> dict[str, Tensor]:
    try:
        weights: dict[str, Tensor] = load_safetensors(packed)
    except (SafetensorError, ValueError, KeyError) as error:
        raise UserError(
            "This is not a safetensors file, or it is damaged; nothing in it was run.",
            where=str(file),
            remedy="Weights are read from safetensors only.",
        ) from error
    return weights


def _unwrapped(found: Any, file: Path) -> dict[str, Tensor]:
    for wrapper in ("state_dict", "model"):
        if isinstance(found, dict) and isinstance(found.get(wrapper), dict):
            found = found[wrapper]
    if not isinstance(found, dict) or not all(isinstance(v, Tensor) for v in found.values()):
        raise UserError("This file holds no dictionary of weights.", where=str(file))
    if odd := [str(name)[:_LONGEST] for name, value in found.items() if not _is_plain(value)]:
        raise UserError(
            "This file holds other tensors than plain ones.",
            where=str(file),
            problems=_listed("sparse, quantised or without numbers", odd),
        )
    # A tensor of few numbers may say that they repeat: it takes its room once it is used.
    _require_size(sum(value.numel() * value.element_size() for value in found.values()), file)
    return {str(name).removeprefix("module."): value for name, value in found.items()}


def _is_plain(value: Tensor) -> bool:
    """Whether it is as dense as it looks, and here."""
    strided = value.layout == torch.strided and not value.is_quantized and not value.is_nested
    return strided and value.device.type == "cpu"


def _require_size(size_bytes: int, file: Path) -> None:
    if size_bytes > MAX_WEIGHTS_BYTES:
        raise UserError(
            f"The weights are larger than {MAX_WEIGHTS_BYTES:,} bytes; they are not read.",
            where=str(file),
        )


def _listed(word: str, names: list[str]) -> list[str]:
    if not names:
        return []
    shown = ", ".join(names[:_EXAMPLES])
    more = f" and {len(names) - _EXAMPLES} more" if len(names) > _EXAMPLES else ""
    return [f"{word}: {shown}{more}"]


def _rest(items: list[str]) -> list[str]:
    return [f"and {len(items) - _EXAMPLES} more shapes"] if len(items) > _EXAMPLES else []


def _shape(tensor: Tensor) -> str:
    return "x".join(map(str, tensor.shape)) or "a single number"
