"""The objective of each loss config."""

from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor

from core.models.outputs import PoseOutput
from core.training.batches import Batch
from core.training.loss_config import HpcvnetLoss, MetamodelLoss, OahpeLoss, VisawareLoss
from core.training.objectives.hpcvnet import hpcvnet_losses
from core.training.objectives.metamodel import metamodel_losses
from core.training.objectives.oahpe import oahpe_losses
from core.training.objectives.setting import Setting
from core.training.objectives.visaware import visaware_losses

# `loss` is what is minimised; the parts beside it are detached and shown as curves.
Objective = Callable[[PoseOutput, Batch, Setting[Any]], Mapping[str, Tensor]]

# Each family adds a line: its class of core.training.loss_config, its `<family>_losses`.
OBJECTIVES: Mapping[type, Objective] = {
    MetamodelLoss: metamodel_losses,
    VisawareLoss: visaware_losses,
    OahpeLoss: oahpe_losses,
    HpcvnetLoss: hpcvnet_losses,
}
