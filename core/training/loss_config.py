"""How each family's answers are weighed in training: one frozen class per objective. No torch.

`core.training.objectives.by_config.OBJECTIVES` names the function of each class.
"""

from dataclasses import dataclass

COUNTED = "counted"  # instead of class weights: N_max / N_c of the persons learned from


@dataclass(frozen=True)
class MetamodelLoss:
    """Paper 000: L = (1 - alpha) L_places + alpha L_flags (eq. 1)."""

    places: str = "cross_entropy"  # a name of core.training.place_losses.PLACE_LOSSES
    alpha: float = 0.25  # share of the visibility loss
    # Of v = 0, 1, 2, or COUNTED. COCO's N_max / N_c is (1.61, 7.85, 1.0); these are that to the
    # power of 0.7. Whole weights, as in paper 000, call so many keypoints occluded that every
    # class's F1 suffers.
    flag_weights: tuple[float, float, float] | str = (1.4, 4.2, 1.0)


LossConfig = MetamodelLoss
