"""The objective of each loss config."""

from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor

from core.training.loss_config import (
    HpcvnetLoss,
    HybridPoseLoss,
    MetamodelLoss,
    OahpeLoss,
    PlainLoss,
    VisawareLoss,
)
from core.training.objectives.hpcvnet import hpcvnet_losses
from core.training.objectives.hybridpose import hybridpose_losses
from core.training.objectives.metamodel import metamodel_losses
from core.training.objectives.oahpe import oahpe_losses
from core.training.objectives.plain import plain_losses
from core.training.objectives.setting import Setting
from core.training.objectives.visaware import told_visaware, visaware_losses

# Of a family's output, its batch and setting. `loss` is what is minimised; the parts beside it are
# detached and shown as curves.
Objective = Callable[[Any, Any, Setting[Any]], Mapping[str, Tensor]]

# Each family adds a line: its class of core.training.loss_config, its `<family>_losses`.
OBJECTIVES: Mapping[type, Objective] = {
    PlainLoss: plain_losses,
    MetamodelLoss: metamodel_losses,
    VisawareLoss: visaware_losses,
    OahpeLoss: oahpe_losses,
    HpcvnetLoss: hpcvnet_losses,
    HybridPoseLoss: hybridpose_losses,
}

# What a network is told beside the crops while it learns; of other losses nothing.
TOLD: Mapping[type, Callable[[Any, Any], dict[str, Tensor]]] = {
    VisawareLoss: told_visaware,
}


def told(batch: Any, loss: object) -> dict[str, Tensor]:
    """The arguments of a network beside the crops, by the loss it is trained with."""
    telling = TOLD.get(type(loss))
    return {} if telling is None else telling(batch, loss)
