"""What every codec can: the one place that knows how a network's answer becomes places."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from core.models.outputs import Places


class Codec(Protocol):
    """Targets of places, and places of answers; all in crop pixels, batched.

    An answer is `read` once; what was read can be mirrored back, averaged and decoded.
    """

    @property
    def map_to_crop(self) -> NDArray[np.float64]:
        """(2, 3) from the pixels of `maps_of` to crop pixels."""

    @property
    def heat_limit(self) -> float:
        """The heat score above which its authors count a keypoint as found, in 0..1."""

    def encode(self, xy_crop_px: Tensor) -> Places:
        """Targets for places (B, K, 2); a place that is no number has an empty target."""

    def read(self, places: Places) -> Places:
        """What a network says, before activation, to float32 that can be averaged and decoded."""

    def unmirrored(self, places: Places, swap: Tensor) -> Places:
        """What was read of mirrored crops, as of straight ones; `swap` (K,) is the mirror twin."""

    def mean(self, a: Places, b: Places) -> Places:
        """The mean of two that were read."""

    def decode(self, places: Places) -> tuple[Tensor, Tensor]:
        """Places (B, K, 2) in crop pixels and heat scores (B, K) in 0..1, higher = surer.

        Both float32; NaN where the network says no number.
        """

    def maps_of(self, places: Places) -> Tensor:
        """Maps (B, K, h, w) float32 of what was read, in 0..1 up to noise, for display."""
