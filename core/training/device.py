"""What trains."""

import os

import torch

from core.inference.device import choose_device


def training_device(wanted: str = "auto") -> torch.device:
    """The device for a word of `choose_device`; `auto` is CUDA where there is one, else the CPU.

    Apple's GPU trains only where it is asked for by name: nobody has measured that.

    Raises:
        UserError: no such word, or this machine has no such device.
    """
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return choose_device(wanted)


def view_threads(device: torch.device) -> int:
    """How many threads make views: one beside a processor that is busy itself, else nearly all."""
    return 1 if device.type == "cpu" else max(1, (os.cpu_count() or 1) - 1)
