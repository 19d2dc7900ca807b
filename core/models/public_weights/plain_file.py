"""Files of weights from anywhere: only numbers are read, never code, never more than fits."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.errors import UserError
from core.models.checkpoint import MAX_WEIGHTS_BYTES, read_weights

_KINDS = "?bBhHiIlLqQefdU"
_MOST_SHOWN = 5
# mmpose writes sigmas and colours of its data set beside the weights, as arrays of numpy. These
# rebuild arrays of plain numbers and nothing else; old files have numpy's old module names.
_ARRAYS: list[Any] = [
    np.ndarray,
    np.dtype,
    *(type(np.dtype(kind)) for kind in _KINDS),
    *(
        (rebuild, f"numpy.{core}.multiarray.{name}")
        for name, rebuild in (
            ("_reconstruct", np.zeros(1).__reduce__()[0]),
            ("scalar", np.float32(0).__reduce__()[0]),
        )
        for core in ("core", "_core")
    ),
]


def read_public(file: Path) -> dict[str, Tensor]:
    """Weights of a .safetensors file, or of a PyTorch file of plain containers, unwrapped.

    Raises:
        UserError: missing, too large, damaged, or reading it would run code.
    """
    _require_bounded(file)
    with torch.serialization.safe_globals(_ARRAYS):
        try:
            return read_weights(file)
        except UserError as error:
            code = _code_in(file)
            if not code:
                raise
            raise UserError(
                f"This file holds more than weights: reading it would run code ({code}).",
                where=str(file),
                remedy="Where you trust it, load it with the program it comes from and save "
                "model.state_dict() alone.",
            ) from error


def _require_bounded(file: Path) -> None:
    try:
        size = file.stat().st_size
        if file.suffix != ".safetensors" and zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as packed:
                size = sum(part.file_size for part in packed.infolist())
    except FileNotFoundError:
        raise UserError("There is no such file.", where=str(file)) from None
    except (OSError, zipfile.BadZipFile) as error:
        raise UserError("This file cannot be read, or it is damaged.", where=str(file)) from error
    if not size and file.is_file():  # a device has no size either
        raise UserError("This file is empty.", where=str(file))
    if size > MAX_WEIGHTS_BYTES:
        raise UserError(
            f"The weights are larger than {MAX_WEIGHTS_BYTES:,} bytes; they are not read.",
            where=str(file),
        )


def _code_in(file: Path) -> str:
    """Names of what the file would have to import; empty where this is not known."""
    if file.suffix == ".safetensors" or not zipfile.is_zipfile(file):
        return ""
    try:
        names = sorted(torch.serialization.get_unsafe_globals_in_checkpoint(file))
    except Exception:  # whatever is wrong with it, the first error says enough
        return ""
    more = f" and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
    return f"{', '.join(names[:_MOST_SHOWN])}{more}" if names else ""
