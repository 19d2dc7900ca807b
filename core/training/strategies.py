"""Paper 000's three ways to train places and flags together (section 4.3), as plain data. No torch.

S1 trains both at once from the start. S2 and S3 begin with a base trained for places, and raise the
share of the flags every 20 epochs; S3 leaves the base as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.training.loss_config import COUNTED, MetamodelLoss


@dataclass(frozen=True)
class Strategy:
    """One of the three.

    Attributes:
        what: one sentence for lists.
        loss: how the answers are weighed, epoch by epoch.
        epochs: of this stage.
        needs_places: whether the stage begins with a base trained for places.
        trained: the submodule that is trained, or "network"; the rest is frozen, its batch norms
            in eval mode, so that their statistics stay too.
    """

    what: str
    loss: MetamodelLoss
    epochs: int
    needs_places: bool
    trained: str


# The paper's weights: N_max / N_c of the keypoints learned from, and SimpleBaseline's loss.
_RAISED = MetamodelLoss(
    places="joint_mse", alpha=0.0, alpha_step=0.1, alpha_epochs=20, flag_weights=COUNTED
)

STRATEGIES: Mapping[str, Strategy] = {
    "s1": Strategy(
        "places and flags together from the start, a quarter of the loss for flags",
        MetamodelLoss(places="joint_mse", alpha=0.25, flag_weights=COUNTED),
        epochs=140,
        needs_places=False,
        trained="network",
    ),
    "s2": Strategy(
        "everything, on a base trained for places; flags count for more every 20 epochs",
        _RAISED,
        epochs=80,
        needs_places=True,
        trained="network",
    ),
    # As printed the first 20 epochs have alpha = 0, and with the base frozen nothing learns in
    # them: a recipe whose `alpha` starts above 0 saves that time.
    "s3": Strategy(
        "the flags alone, on a base that stays as it is; best in the paper's table 1",
        _RAISED,
        epochs=80,
        needs_places=True,
        trained="flag_branch",
    ),
}
