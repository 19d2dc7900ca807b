"""What an HPCVNet minimises: presence, and the similarity of what its base finds."""

from torch import Tensor

from core.errors import UserError
from core.models.outputs import PoseOutput
from core.training.batches import Batch
from core.training.loss_config import HpcvnetLoss
from core.training.objectives.setting import Setting
from core.training.presence_losses import presence_cross_entropy
from core.training.similarity_losses import SIMILARITY_LOSSES, similarity_target


def hpcvnet_losses(
    output: PoseOutput, batch: Batch, setting: Setting[HpcvnetLoss]
) -> dict[str, Tensor]:
    """`loss` = weighted sum of `similarity` and `presence`, each a mean over keypoints that count.

    Similarity counts where a place is labelled, presence where the flag is known. Deviation: the
    poster's OPKS is 0 where v = 0, so that its head has to say presence a second time; here it is
    expected for labelled keypoints alone, and presence x similarity is the OPKS.

    Raises:
        UserError: a loss that does not go with how the network says similarity.
    """
    logits, presence_logits = output.similarity_logits, output.presence_logits
    assert logits is not None
    assert presence_logits is not None
    loss = setting.loss
    _require_fit(loss.similarity, logits.shape[-1])
    target, counted = similarity_target(output, batch, setting)
    similarity = _mean(SIMILARITY_LOSSES[loss.similarity](logits, target), counted)
    presence = _mean(*presence_cross_entropy(presence_logits, batch.flags))
    return {
        "loss": loss.similarity_weight * similarity + loss.presence_weight * presence,
        "similarity": similarity.detach(),
        "presence": presence.detach(),
    }


def _mean(each: Tensor, counted: Tensor) -> Tensor:
    return each.where(counted, 0.0).sum() / counted.sum().clamp_min(1)


def _require_fit(loss: str, bins: int) -> None:
    if (loss == "distribution") != (bins > 1):
        raise UserError(
            f"The loss {loss!r} does not go with a network that says {bins} "
            f"number{'s' if bins > 1 else ''} per keypoint.",
            remedy="Give the loss the name of the network's rating.",
        )
