"""What an OA-HPE net minimises: places and presence together, then KS-net alone."""

from torch import Tensor

from core.errors import UserError
from core.models.outputs import PoseOutput
from core.training.batches import Batch
from core.training.loss_config import OahpeLoss
from core.training.objectives.setting import Setting
from core.training.place_losses import PLACE_LOSSES
from core.training.presence_losses import presence_cross_entropy
from core.training.similarity_losses import regression, similarity_target


def oahpe_losses(
    output: PoseOutput, batch: Batch, setting: Setting[OahpeLoss]
) -> dict[str, Tensor]:
    """`loss` = weighted sum of `places`, `presence` and `similarity`; none of weight 0.

    Presence (003, eq. 8) and similarity (eq. 9) are sums over the keypoints of a person, means over
    persons. Deviation: eq. 9 sums over all K, but a keypoint without label has no KS; it is left
    out here.

    Raises:
        UserError: no part has a weight, or KS-net is asked for and the network has none.
    """
    weights = setting.loss
    parts: dict[str, tuple[float, Tensor]] = {}
    if weights.places_weight:
        places = PLACE_LOSSES[weights.places](output, batch, setting.codec)
        parts["places"] = (weights.places_weight, places)
    if weights.presence_weight:
        parts["presence"] = (weights.presence_weight, presence_loss(output, batch))
    if weights.similarity_weight:
        parts["similarity"] = (
            weights.similarity_weight, similarity_loss(output, batch, setting)
        )  # fmt: skip
    if not parts:
        raise UserError(
            "This stage learns nothing: each of its losses has weight 0.",
            remedy="Give places_weight, presence_weight or similarity_weight a value above 0.",
        )
    total = sum(weight * part for weight, part in parts.values())
    assert isinstance(total, Tensor)
    return {"loss": total, **{name: part.detach() for name, (_, part) in parts.items()}}


def presence_loss(output: PoseOutput, batch: Batch) -> Tensor:
    """Binary cross-entropy summed over a person's keypoints, mean over persons (003, eq. 8)."""
    assert output.presence_logits is not None
    error, _ = presence_cross_entropy(output.presence_logits, batch.flags)
    return error.sum(1).mean()


def similarity_loss(output: PoseOutput, batch: Batch, setting: Setting[OahpeLoss]) -> Tensor:
    """Absolute error summed over the labelled keypoints of a person, mean over persons (eq. 9)."""
    if output.similarity_logits is None:
        raise UserError(
            "This stage trains KS-net, and the network has none.",
            remedy="Choose a network with one (its name ends in _ksnet), or give similarity_weight "
            "the value 0.",
        )
    target, counted = similarity_target(output, batch, setting)
    return regression(output.similarity_logits, target).where(counted, 0.0).sum(1).mean()
