"""What the worker computes on, in words."""

import os

import torch

from core.errors import UserError
from core.inference.device import choose_device

LONGEST = 200


def device_in_words(wanted: str) -> str:
    """The device as people know it; where it cannot be used, why not."""
    try:
        device = choose_device(wanted)
    except UserError as error:
        return str(error)[:LONGEST]
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)} ({device})"[:LONGEST]
    if device.type == "mps":
        return "Apple GPU (mps)"
    return f"CPU, {os.cpu_count()} cores"
