"""Which processor runs a network."""

import torch

from core.errors import UserError


def choose_device(wanted: str = "auto") -> torch.device:
    """The device for `auto`, `cpu`, `cuda`, `cuda:N` or `mps`; `auto` takes the fastest there is.

    Raises:
        UserError: no such word, or this machine has no such device.
    """
    if wanted == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    kind, _, number = wanted.partition(":")
    if kind not in {"cpu", "cuda", "mps"} or (number and not (kind == "cuda" and number.isdigit())):
        raise UserError(
            f"There is no device {wanted!r}.",
            where="HALFSEEN_DEVICE",
            remedy="Use auto, cpu, cuda, cuda:N or mps.",
        )
    if not _available(kind, int(number or 0)):
        raise UserError(
            f"This machine has no device {wanted!r} that PyTorch can use.",
            where="HALFSEEN_DEVICE",
            remedy="Use auto or cpu.",
        )
    return torch.device(wanted)


def _available(kind: str, number: int) -> bool:
    if kind == "cuda":
        return torch.cuda.is_available() and number < torch.cuda.device_count()
    return kind == "cpu" or torch.backends.mps.is_available()
