"""The objective of networks that say places alone."""

from torch import Tensor

from core.models.outputs import PoseOutput
from core.training.batches import Batch
from core.training.loss_config import PlainLoss
from core.training.objectives.setting import Setting
from core.training.place_losses import PLACE_LOSSES


def plain_losses(
    output: PoseOutput, batch: Batch, setting: Setting[PlainLoss]
) -> dict[str, Tensor]:
    """`loss`: that of the places."""
    return {"loss": PLACE_LOSSES[setting.loss.places](output, batch, setting.codec)}
