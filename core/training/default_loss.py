"""The loss a network is trained by unless one is chosen: its paper's or its base's. No torch."""

from collections.abc import Callable, Mapping

from core.models.codecs.config import SimccConfig
from core.models.hpcvnet.config import HpcvnetConfig
from core.models.model_config import ModelConfig
from core.models.oahpe.config import OahpeConfig
from core.training.loss_config import (
    HpcvnetLoss,
    HybridPoseLoss,
    LossConfig,
    MetamodelLoss,
    OahpeLoss,
    PlainLoss,
    VisawareLoss,
)

# Bases whose authors teach their coarse outputs in a way of their own.
PLACE_LOSS_OF_BASE = {"mspn2": "mspn", "cpn_r50": "cpn", "cpn_r101": "cpn"}


def place_loss_of(model: ModelConfig) -> str:
    """The name in `PLACE_LOSSES` of how a network of single persons learns places."""
    codec = model.codec
    if isinstance(codec, SimccConfig):
        return "simcc_sum" if codec.target == "one_hot" else "simcc_mean"
    if getattr(codec, "activation", "none") == "softmax":
        return "cross_entropy"
    base = getattr(model.network, "base", None)
    return PLACE_LOSS_OF_BASE.get(base.name if base else "", "joint_mse")


def default_loss(model: ModelConfig) -> LossConfig:
    """The loss of a network's family; of everything it says at once, where it can be."""
    return LOSS_OF_FAMILY.get(model.family, _plain)(model)


def _plain(model: ModelConfig) -> LossConfig:
    return PlainLoss(place_loss_of(model))


def _metamodel(model: ModelConfig) -> LossConfig:
    return MetamodelLoss(place_loss_of(model))


def _visaware(model: ModelConfig) -> LossConfig:
    return VisawareLoss(place_loss_of(model))


def _oahpe(model: ModelConfig) -> LossConfig:
    """KS-net, where there is one, too: it sends nothing back to the rest.

    Paper 003 adds presence, a sum over keypoints, to CPN's squared errors of maps 255 high. The
    cross-entropy of maps is a mean over keypoints; beside it presence is made a mean, too. As a sum
    it would pull two to five times as hard at the base as places do.
    """
    assert isinstance(model.network, OahpeConfig)
    rates = model.network.similarity_net != "none"
    places = place_loss_of(model)
    presence = 1 / len(model.keypoint_names) if places == "cross_entropy" else 1.0
    return OahpeLoss(places, presence_weight=presence, similarity_weight=float(rates))


def _hpcvnet(model: ModelConfig) -> LossConfig:
    assert isinstance(model.network, HpcvnetConfig)
    return HpcvnetLoss(model.network.rating)


def _hybridpose(model: ModelConfig) -> LossConfig:
    # Else its maps learn to see keypoints that nobody labelled.
    return HybridPoseLoss(draw_labelled_only=True)


LOSS_OF_FAMILY: Mapping[str, Callable[[ModelConfig], LossConfig]] = {
    "plain": _plain,
    "vitpose": _plain,
    "metamodel": _metamodel,
    "visaware": _visaware,
    "oahpe": _oahpe,
    "hpcvnet": _hpcvnet,
    "hybridpose": _hybridpose,
}
