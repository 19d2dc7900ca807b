"""Heat maps: how places become targets and how maps become places. Both halves stay together."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.errors import UserError
from core.models.codecs.blur import Blur
from core.models.codecs.config import HeatmapConfig
from core.models.codecs.map_frame import MAP_FRAMES, SizeWh
from core.models.codecs.peaks import REFINERS
from core.models.outputs import Places

_FAR_PX = 1e6  # off every map


class HeatmapCodec:
    """Gaussians on a grid coarser than the crop.

    What was read stands at height 1 where the target does, whatever `HeatmapConfig.height` is.

    Attributes:
        map_size_wh_px: of the maps.
        sigma_px: of the Gaussian on the map, not on the crop.
        height: of a target's peak.
    """

    def __init__(self, config: HeatmapConfig, crop_size_wh_px: SizeWh, alignment: str) -> None:
        self.map_size_wh_px = config.size_wh_px
        self.sigma_px = config.sigma_px
        self.height = config.height
        self._softmax = config.activation == "softmax"
        self._rounded = config.rounded
        self._flip_shift_px = config.flip_shift_px
        self._refine = REFINERS[config.refine]
        self._blur = Blur(config.blur_px, config.blur_sigma_px)
        self._scale, self._offset = MAP_FRAMES[alignment](crop_size_wh_px, config.size_wh_px)

    @property
    def gaussian_mass(self) -> float:
        """Sum over the map of one Gaussian of height 1."""
        return 2 * math.pi * self.sigma_px**2

    @property
    def heat_limit(self) -> float:
        """As `Codec.heat_limit`; SimpleBaseline's IN_VIS_THRE."""
        return 0.2

    @property
    def map_to_crop(self) -> NDArray[np.float64]:
        """As `Codec.map_to_crop`."""
        (scale_x, scale_y), (offset_x, offset_y) = self._scale, self._offset
        return np.array(
            [[1 / scale_x, 0, -offset_x / scale_x], [0, 1 / scale_y, -offset_y / scale_y]]
        )

    def encode(self, xy_crop_px: Tensor, *, sigma_px: float | None = None) -> Tensor:
        """Targets (B, K, h, w) float32 in 0..height for places (B, K, 2) in the crop.

        A place outside the crop leaves what of its Gaussian reaches in, far outside nothing.
        Coarse levels of a network are given a `sigma_px` of their own.
        Deviation from SimpleBaseline's code: the Gaussian is not cut off at three sigmas.
        """
        centre = xy_crop_px.float() * self._pair(self._scale, xy_crop_px.device)
        centre = centre + self._pair(self._offset, xy_crop_px.device)
        centre = centre.nan_to_num(_FAR_PX, _FAR_PX, -_FAR_PX)
        if self._rounded:
            centre = (centre + 0.5).floor()
        width, height = self.map_size_wh_px
        across = torch.arange(width, device=centre.device) - centre[..., :1]  # (B, K, w)
        down = torch.arange(height, device=centre.device) - centre[..., 1:]  # (B, K, h)
        spread = 2 * (sigma_px or self.sigma_px) ** 2
        columns, rows = torch.exp(-(across**2) / spread), torch.exp(-(down**2) / spread)
        return self.height * rows[..., :, None] * columns[..., None, :]  # (B, K, h, w)

    def read(self, places: Places) -> Tensor:
        """As `Codec.read`: maps (B, K, h, w) of height 1 where a map equals its target.

        With a softmax a map is that over all its pixels, times the mass of a Gaussian of height 1.

        Raises:
            UserError: the network makes maps of another size than the config says.
        """
        logits = self._maps(places).float()
        if not self._softmax:
            return logits / self.height
        maps = logits.flatten(2).softmax(-1) * self.gaussian_mass
        return maps.view_as(logits)

    def unmirrored(self, places: Places, swap: Tensor) -> Tensor:
        """As `Codec.unmirrored`; a shift keeps the columns it uncovers (SimpleBaseline's code)."""
        return shifted(self._maps(places).flip(-1)[:, swap], self._flip_shift_px)

    def mean(self, a: Places, b: Places) -> Tensor:
        """As `Codec.mean`."""
        return (self._maps(a) + self._maps(b)) / 2

    def decode(self, places: Places) -> tuple[Tensor, Tensor]:
        """As `Codec.decode`; the score is the peak's height."""
        maps = self._maps(places).float()
        lowest = -math.inf  # what is no number is no peak
        score, place = maps.nan_to_num(lowest, lowest, lowest).flatten(2).max(-1)  # (B, K)
        empty = score == lowest
        width = maps.shape[-1]
        maps = maps.nan_to_num(0.0, 0.0, 0.0)
        on_map = self._refine(maps, place % width, place // width, self._blur)
        scale = self._pair(self._scale, maps.device)
        xy_crop_px = (on_map - self._pair(self._offset, maps.device)) / scale
        xy_crop_px = xy_crop_px.masked_fill(empty[..., None], math.nan)
        return xy_crop_px, score.clamp(0, 1).masked_fill(empty, math.nan)

    def maps_of(self, places: Places) -> Tensor:
        """As `Codec.maps_of`."""
        return self._maps(places).float().nan_to_num(0.0, 0.0, 0.0)

    def _maps(self, places: Places) -> Tensor:
        if not isinstance(places, Tensor) or places.shape[-2:] != self.map_size_wh_px[::-1]:
            both = (places,) if isinstance(places, Tensor) else places
            found = " and ".join("x".join(map(str, each.shape[2:][::-1])) for each in both)
            width, height = self.map_size_wh_px
            raise UserError(
                f"The network's places are {found}, width first; its codec reads maps of "
                f"{width}x{height}.",
                where="codec.size_wh_px",
            )
        return places

    def _pair(self, pair: tuple[float, float], device: torch.device) -> Tensor:
        return torch.tensor(pair, dtype=torch.float32, device=device)


def shifted(values: Tensor, pixels: int) -> Tensor:
    """Moved along the last axis, to higher places if above 0; what is uncovered stays.

    >>> shifted(torch.tensor([1, 2, 3, 4]), 1)
    tensor([1, 1, 2, 3])
    """
    if pixels == 0:
        return values
    moved = values.clone()
    if pixels > 0:
        moved[..., pixels:] = values[..., :-pixels]
    else:
        moved[..., :pixels] = values[..., -pixels:]
    return moved
