"""The Gaussian blur of OpenCV, which published targets and decoders were made with."""

import math
from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional

# What OpenCV takes for narrow kernels whose sigma it may choose, instead of a sampled Gaussian.
_NARROW = {
    1: (1.0,),
    3: (0.25, 0.5, 0.25),
    5: (0.0625, 0.25, 0.375, 0.25, 0.0625),
    7: (0.03125, 0.109375, 0.21875, 0.28125, 0.21875, 0.109375, 0.03125),
}


@dataclass(frozen=True)
class Blur:
    """A Gaussian blur.

    Attributes:
        width_px: of the kernel, odd; 1 blurs nothing.
        sigma_px: of the Gaussian; 0: as OpenCV chooses for the width.
    """

    width_px: int
    sigma_px: float = 0.0

    @property
    def weights(self) -> tuple[float, ...]:
        """Of the kernel, `width_px` of them; they sum to 1."""
        if self.sigma_px == 0 and self.width_px in _NARROW:
            return _NARROW[self.width_px]
        sigma = self.sigma_px or opencv_sigma(self.width_px)
        radius = (self.width_px - 1) // 2
        heights = [math.exp(-(away**2) / (2 * sigma**2)) for away in range(-radius, radius + 1)]
        total = sum(heights)
        return tuple(height / total for height in heights)

    def of(self, maps: Tensor) -> Tensor:
        """The blurred maps (B, K, h, w); outside them are zeros."""
        weights = self.weights
        radius, (height, width) = len(weights) // 2, maps.shape[-2:]
        wide = functional.pad(maps, (radius,) * 4)
        # Sums of shifted maps: on CPUs many times as fast as a convolution of one channel.
        rows = sum(weight * wide[..., n : n + height, :] for n, weight in enumerate(weights))
        assert isinstance(rows, Tensor)
        both = sum(weight * rows[..., n : n + width] for n, weight in enumerate(weights))
        assert isinstance(both, Tensor)
        return both


def opencv_sigma(width_px: int) -> float:
    """The sigma OpenCV takes for a Gaussian kernel of this width.

    >>> round(opencv_sigma(11), 3), round(opencv_sigma(5), 3)
    (2.0, 1.1)
    """
    return 0.3 * ((width_px - 1) / 2 - 1) + 0.8
