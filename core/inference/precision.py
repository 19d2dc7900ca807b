"""Which numbers a network is computed with."""

import torch

from core.errors import UserError

PRECISIONS = ("float32", "bfloat16", "auto")


def in_bfloat16(precision: str, device: torch.device) -> bool:
    """Whether a network runs in bfloat16 there.

    "auto" takes it on GPUs that compute it natively; on CPUs and Macs it is float32, as many of
    them are slower in bfloat16.

    Raises:
        UserError: no such precision.
    """
    if precision not in PRECISIONS:
        raise UserError(
            f"There is no precision {precision!r}.", remedy=f"Use {', '.join(PRECISIONS)}."
        )
    if precision == "auto":
        return device.type == "cuda" and torch.cuda.get_device_capability(device) >= (8, 0)
    return precision == "bfloat16"
