"""The objective of visibility-aware networks: places, and v = 2 against the rest (paper 001)."""

from dataclasses import replace

from torch import Tensor

from core.data.visibility import Visibility
from core.models.outputs import PoseOutput
from core.training.batches import Batch
from core.training.loss_config import VisawareLoss
from core.training.losses import IGNORED, visible_cross_entropy
from core.training.objectives.setting import Setting
from core.training.place_losses import PLACE_LOSSES


def visaware_losses(
    output: PoseOutput, batch: Batch, setting: Setting[VisawareLoss]
) -> dict[str, Tensor]:
    """`loss` = `places` + lambda `visible` (paper 001, eq. 8)."""
    assert output.visible_logits is not None
    loss = setting.loss
    learned = without_occluded(batch) if loss.visible_only else batch
    places = PLACE_LOSSES[loss.places](output, learned, setting.codec)
    visible = visible_cross_entropy(output.visible_logits, batch.flags)
    return {
        "loss": places + loss.visible_share * visible,
        "places": places.detach(),
        "visible": visible.detach(),
    }


def without_occluded(batch: Batch) -> Batch:
    """The batch without the places of v = 1; flags stay (paper 001, section 4.1)."""
    return replace(batch, placed=batch.placed & (batch.flags != Visibility.OCCLUDED))


def told_visaware(batch: Batch, loss: VisawareLoss) -> dict[str, Tensor]:
    """What the network is told beside the crops: nothing, or the mask that the labels say.

    That mask (B, K) lets v = 2 be listened to, and keypoints whose flag nobody gave.
    """
    if not loss.true_mask:
        return {}
    return {"visible_mask": (batch.flags == Visibility.VISIBLE) | (batch.flags == IGNORED)}
