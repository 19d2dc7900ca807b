"""The loss of MSPN (Li et al. 2019): every level of every stage, from coarse to fine."""

import torch
from torch import Tensor

from core.data.visibility import Visibility
from core.models.codecs.blur import opencv_sigma
from core.models.codecs.codec import Codec
from core.models.codecs.heatmap import HeatmapCodec
from core.models.outputs import PoseOutput
from core.training.batches import Batch
from core.training.losses import IGNORED

# Widths of the Gaussian kernels, in pixels of the map. Level j of the first stage has the j-th of
# these, level j of the last stage the one after.
KERNELS_PX = (15, 11, 9, 7, 5)
LEVELS = 4
COARSE_SHARE = 1 / 4  # of a level that is not the last of its stage
HARDEST = 8  # keypoints of a person that the last level of a stage learns from


def mspn(output: PoseOutput, batch: Batch, codec: Codec) -> Tensor:
    """Squared error of eight maps: three coarse levels and a fine one of two stages.

    As the authors' public code has it, visibility decides what the levels are taught: the fine
    levels learn where v > 0 (the eight worst keypoints of each person); the coarse levels are
    taught the place where v = 2 and an empty map everywhere else, so that they learn what is in
    sight. mmpose's port of the loss dropped that. A keypoint of unknown flag is taught its place
    where it has one, and nothing where it has none.

    Deviation: Gaussians are not cut off at their kernels' edges.

    Args:
        output: of a base whose `coarse` holds the first seven maps in their order.
        batch: what is wanted.
        codec: of heat maps; the height of its targets (MSPN's is 255) is the unit of the maps.
    """
    assert isinstance(codec, HeatmapCodec)
    assert isinstance(output.places, Tensor)
    assert len(output.coarse) == 2 * LEVELS - 1
    targets = [codec.encode(batch.xy_px, sigma_px=opencv_sigma(width)) for width in KERNELS_PX]
    parts = []
    for number, maps in enumerate((*output.coarse, output.places)):
        stage, level = divmod(number, LEVELS)
        wanted = targets[level + stage]  # stage is 0 or 1, and the second is finer by one
        if level < LEVELS - 1:
            parts.append(COARSE_SHARE * coarse_error(maps, wanted, batch))
        else:
            parts.append(hardest_error(maps, wanted, batch.placed))
    return torch.stack(parts).sum()


def coarse_error(maps: Tensor, wanted: Tensor, batch: Batch) -> Tensor:
    """What a coarse level costs: the mean square over persons, keypoints and pixels.

    Args:
        maps: (B, K, h, w).
        wanted: (B, K, h, w), Gaussians; taught where v = 2 and as empty maps elsewhere.
        batch: whose flags decide.
    """
    in_sight = batch.placed & (batch.flags != Visibility.OCCLUDED)
    taught = batch.placed | (batch.flags != IGNORED)
    error = (maps.float() - wanted * in_sight[..., None, None]) ** 2
    return (error * taught[..., None, None]).mean()


def hardest_error(maps: Tensor, wanted: Tensor, placed: Tensor) -> Tensor:
    """What a fine level costs: the mean over persons and their eight worst keypoints.

    Args:
        maps, wanted: (B, K, h, w); of each keypoint the mean square over pixels counts.
        placed: (B, K) bool; the others cost 0 and fill up the eight.
    """
    error = ((maps.float() - wanted) ** 2).flatten(2).mean(-1) * placed  # (B, K)
    return error.topk(min(HARDEST, error.shape[1]), dim=1).values.mean()
