"""The loss of CPN (Chen et al. 2018): four coarse levels, and the worst keypoints of the last."""

import torch
from torch import Tensor
from torch.nn import functional

from core.models.codecs.blur import opencv_sigma
from core.models.codecs.codec import Codec
from core.models.codecs.heatmap import HeatmapCodec
from core.models.outputs import PoseOutput
from core.training.batches import Batch
from core.training.mspn_loss import coarse_error, hardest_error

# Widths of the Gaussian kernels at 384x288, in pixels of the map, coarsest level first; the last is
# that of the refined map as well.
KERNELS_PX = (23, 17, 13, 9)
COARSE_SHARE = 1 / 2  # of the mean over the coarse levels


def cpn(output: PoseOutput, batch: Batch, codec: Codec) -> Tensor:
    """Half GlobalNet's squared errors, plus RefineNet's over each person's eight worst keypoints.

    As the authors' public code has it (chenyilun95/tf-cpn), GlobalNet is taught the place where
    v = 2 and an empty map elsewhere; RefineNet learns where v > 0. Both come from `mspn_loss`,
    which took them over.

    Deviations: the coarsest level gets the widest Gaussian, as the code's comment says it was
    meant (its published weights had the order reversed); widths go with the codec's sigma, so
    that other crop sizes keep the ratios of 384x288; Gaussians are not cut off.

    Args:
        output: of a base whose `coarse` holds four maps, coarsest first, of any size.
        batch: what is wanted.
        codec: of heat maps; its sigma is that of the finest kernel (1.7 for CPN's), the height of
            its targets (CPN's is 255) the unit of the maps.
    """
    assert isinstance(codec, HeatmapCodec)
    assert isinstance(output.places, Tensor)
    assert len(output.coarse) == len(KERNELS_PX)
    finest = opencv_sigma(KERNELS_PX[-1])
    wanted = [
        codec.encode(batch.xy_px, sigma_px=codec.sigma_px * opencv_sigma(width) / finest)
        for width in KERNELS_PX
    ]
    size = output.places.shape[-2:]
    coarse = [
        coarse_error(_resized(maps, size), target, batch)
        for maps, target in zip(output.coarse, wanted, strict=True)
    ]
    return COARSE_SHARE * torch.stack(coarse).mean() + hardest_error(
        output.places, wanted[-1], batch.placed
    )


def _resized(maps: Tensor, size: torch.Size) -> Tensor:
    if maps.shape[-2:] == size:
        return maps
    return functional.interpolate(maps, size, mode="bilinear")
