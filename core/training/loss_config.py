"""How each family's answers are weighed in training: one frozen class per objective. No torch.

`core.training.objectives.by_config.OBJECTIVES` names the function of each class.
"""

from dataclasses import dataclass, replace

COUNTED = "counted"  # instead of class weights: N_max / N_c of the persons learned from


@dataclass(frozen=True)
class PlainLoss:
    """A network that says places alone."""

    places: str = "joint_mse"  # a name of core.training.place_losses.PLACE_LOSSES


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

    # A name of core.training.place_losses.PLACE_LOSSES. As SimCC's code has it for 256x192, the
    # paper's eq. 2 with one-hot targets; "simcc_mean" for Gaussian ones, "joint_mse" for heat maps.
    places: str = "simcc_sum"
    visible_share: float = 1.0  # lambda in the paper
    # Places of v = 1 are not learned from: the paper's observation, in its table 1. A place whose
    # flag nobody gave is learned from all the same.
    visible_only: bool = False
    # The mask comes from the labels instead of VisNet: the paper's table 6, first row. Such a
    # network has to be told the mask in use as well.
    true_mask: bool = False


@dataclass(frozen=True)
class OahpeLoss:
    """Paper 003: L = L_places + L_presence (section 4.1); KS-net's own stage has its weight alone.

    A part of weight 0 is not computed.
    """

    places: str = "cpn"  # a name of core.training.place_losses.PLACE_LOSSES
    places_weight: float = 1.0
    presence_weight: float = 1.0  # of the cross-entropy summed over keypoints (eq. 8)
    similarity_weight: float = 0.0  # of KS-net's absolute error (eq. 9)


@dataclass(frozen=True)
class HpcvnetLoss:
    """Paper 004: similarity and presence on a frozen base; the poster gives no weights."""

    similarity: str = "distribution"  # a name of core.training.similarity_losses.SIMILARITY_LOSSES
    similarity_weight: float = 1.0
    presence_weight: float = 1.0


@dataclass(frozen=True)
class HybridPoseLoss:
    """Paper 002: L = alpha L_obj + beta L_box + gamma L_pose + zeta L_vis + lambda L_corr (eq. 13).

    The paper gives none of the five weights. The first three are KAPAO's, whose losses these are.
    """

    objectness: float = 0.7  # alpha
    box: float = 0.05  # beta
    pose: float = 0.025  # gamma
    # As KAPAO does, these three times 3 / levels, objectness times the input's area in 640 x 640: a
    # larger picture has more empty cells. Of 1280 x 1280 that is 2.1, 0.0375 and 0.01875.
    scaled_by_size: bool = True
    maps: float = 1.0  # zeta: ours
    correlation: float = 0.1  # lambda: ours
    # omega_s of eq. 9, of strides 8, 16, 32, 64: KAPAO's, more where more cells are empty.
    level_balance: tuple[float, float, float, float] = (4.0, 1.0, 0.25, 0.06)
    most_ratio: float = 4.0  # of a person's sides to those of an anchor that answers; KAPAO's
    # "ciou" as KAPAO, or "iou" as eqs. 9 and 10 are written: of hybridpose.boxes.OVERLAPS.
    overlap: str = "ciou"
    sigma_cells: float = 1.0  # of eq. 6, in cells of each level; the paper does not say
    # Keypoints that targets of maps show: v > 0 as the text's delta_k, or v = 2 alone.
    visible_only: bool = False
    # "square" is eq. 8 as written, 1 - r^2, which costs nothing where map and keypoints avoid each
    # other as well (r = -1); "positive", 1 - max(r, 0), costs 1 there.
    correlation_form: str = "square"
    detach_pose: bool = False  # the correlation moves maps alone, not keypoints and objectness
    # Eq. 7 draws all keypoints of a sure cell, those nobody labelled as well, and so teaches maps
    # to see these. True draws the labelled keypoints of cells that answer for somebody.
    draw_labelled_only: bool = False
    least_objectness: float = 0.1  # of a cell whose keypoints eq. 7 draws; all of them in the paper
    most_cells: int = 2000  # of a level and batch that eq. 7 draws, the surest: it bounds memory
    times_batch: bool = False  # KAPAO multiplies by the batch's size, to which its rate is tuned


def alpha_at(epoch: int, *, start: float, step: float, block: int) -> float:
    """The share of the flags in an epoch, counted from 0; at most 1.

    >>> [round(alpha_at(epoch, start=0.0, step=0.1, block=20), 2) for epoch in (0, 19, 20, 79)]
    [0.0, 0.0, 0.1, 0.3]
    """
    return min(1.0, start + step * (epoch // block))


LossConfig = PlainLoss | MetamodelLoss | VisawareLoss | OahpeLoss | HpcvnetLoss | HybridPoseLoss
