"""How each family's answers are weighed in training: one frozen class per objective. No torch.

`core.training.objectives.by_config.OBJECTIVES` names the function of each class.
"""

from dataclasses import dataclass, replace

COUNTED = "counted"  # instead of class weights: N_max / N_c of the persons learned from


@dataclass(frozen=True)
class MetamodelLoss:
    """Paper 000: L = (1 - alpha) L_places + alpha L_flags (eq. 1)."""

    places: str = "cross_entropy"  # a name of core.training.place_losses.PLACE_LOSSES
    alpha: float = 0.25  # share of the visibility loss, at the start
    alpha_step: float = 0.0  # added to it every `alpha_epochs`: 0.1 in the paper's S2 and S3
    alpha_epochs: int = 20
    # Of v = 0, 1, 2, or COUNTED. COCO's N_max / N_c is (1.61, 7.85, 1.0); these are that to the
    # power of 0.7. Whole weights, as in paper 000, call so many keypoints occluded that every
    # class's F1 suffers.
    flag_weights: tuple[float, float, float] | str = (1.4, 4.2, 1.0)

    def at_epoch(self, epoch: int) -> "MetamodelLoss":
        """The same with the alpha of an epoch, counted from 0."""
        alpha = alpha_at(epoch, start=self.alpha, step=self.alpha_step, block=self.alpha_epochs)
        return replace(self, alpha=alpha, alpha_step=0.0)


@dataclass(frozen=True)
class VisawareLoss:
    """Paper 001: L = L_places + visible_share L_visible (eq. 8)."""

    places: str = "simcc_mean"  # a name of core.training.place_losses.PLACE_LOSSES
    visible_share: float = 1.0  # lambda in the paper
    # Places of v = 1 are not learned from: the paper's observation, in its table 1. A place whose
    # flag nobody gave is learned from all the same.
    visible_only: bool = False


def alpha_at(epoch: int, *, start: float, step: float, block: int) -> float:
    """The share of the flags in an epoch, counted from 0; at most 1.

    >>> [round(alpha_at(epoch, start=0.0, step=0.1, block=20), 2) for epoch in (0, 19, 20, 79)]
    [0.0, 0.0, 0.1, 0.3]
    """
    return min(1.0, start + step * (epoch // block))


LossConfig = MetamodelLoss | VisawareLoss
