"""The metamodel's objective: places and ternary flags (paper 000)."""

import torch
from torch import Tensor

from core.models.outputs import PoseOutput
from core.training.batches import Batch
from core.training.loss_config import MetamodelLoss
from core.training.losses import flag_cross_entropy
from core.training.objectives.setting import Setting
from core.training.place_losses import PLACE_LOSSES


def metamodel_losses(
    output: PoseOutput, batch: Batch, setting: Setting[MetamodelLoss]
) -> dict[str, Tensor]:
    """`loss` = (1 - alpha) `places` + alpha `flags` (paper 000, eq. 1)."""
    assert output.flag_logits is not None
    loss = setting.loss
    weights = output.flag_logits.new_tensor(loss.flag_weights, dtype=torch.float32)
    places = PLACE_LOSSES[loss.places](output, batch, setting.codec)
    flags = flag_cross_entropy(output.flag_logits, batch.flags, weights)
    return {
        "loss": (1 - loss.alpha) * places + loss.alpha * flags,
        "places": places.detach(),
        "flags": flags.detach(),
    }
