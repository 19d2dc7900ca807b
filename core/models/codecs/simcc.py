"""SimCC: a place as two distributions, over the crop's columns and over its rows (Li et al. 2022).

Facts of its authors' code, kept: bins number `int(side * split)`; the Gaussian target is that of a
probability density; two answers are averaged as logits where targets are Gaussian, as
probabilities where they are one-hot; the score is the smaller of the two highest probabilities
(deviation: where targets are one-hot their code takes the larger).
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from core.errors import UserError
from core.models.codecs.config import SimccConfig
from core.models.codecs.heatmap import shifted
from core.models.codecs.map_frame import MAP_FRAMES, SizeWh
from core.models.outputs import Places

CELL_PX = 4  # of the crop; side of a pixel of the maps for display
_FAR_BINS = 1e7  # off every axis

Axes = tuple[Tensor, Tensor]  # columns (B, K, W * split), rows (B, K, H * split)


class SimccCodec:
    """Two fine axes of bins instead of a coarse map.

    Bins lie on the crop by the same alignments as map pixels: with "classic" bin i is crop pixel
    i / split, as in the authors' code, where a mirrored axis is split - 1 bins off; with "centres"
    and "udp" it needs no shift.

    Attributes:
        bins_wh: of columns and of rows.
    """

    def __init__(self, config: SimccConfig, crop_size_wh_px: SizeWh, alignment: str) -> None:
        width, height = (int(side * config.split) for side in crop_size_wh_px)
        self.bins_wh = width, height
        self.sigma_bins = config.sigma_bins
        self._gaussian = config.target == "gaussian"
        self._smoothing = config.smoothing
        self._flip_shift_bins = config.flip_shift_bins
        self._bins_per_cell = max(1, round(CELL_PX * config.split))
        self._scale, self._offset = MAP_FRAMES[alignment](crop_size_wh_px, self.bins_wh)

    @property
    def peak(self) -> float:
        """The highest probability of a target."""
        if self._gaussian:
            return min(1.0, 1 / (self.sigma_bins * math.sqrt(2 * math.pi)))
        return 1 - self._smoothing

    @property
    def heat_limit(self) -> float:
        """As `Codec.heat_limit`; a peak is some bins wide, so its authors take this little."""
        return 0.01

    @property
    def map_to_crop(self) -> NDArray[np.float64]:
        """As `Codec.map_to_crop`; a map's pixel is a cell of several bins."""
        cell = self._bins_per_cell
        rows = [
            np.array([cell / scale, ((cell - 1) / 2 - offset) / scale])
            for scale, offset in zip(self._scale, self._offset, strict=True)
        ]
        return np.array([[rows[0][0], 0, rows[0][1]], [0, rows[1][0], rows[1][1]]])

    def encode(self, xy_crop_px: Tensor) -> Axes:
        """Targets: columns (B, K, W * split) and rows (B, K, H * split) float32.

        A Gaussian of height 1 / (sigma sqrt(2 pi)), which is cut off at the crop's edge and not
        made to sum to 1; or 1 - smoothing at the nearest bin and the rest shared by the others. A
        one-hot target of a place outside the crop, and any of a place far outside or that is no
        number, is all zeros.
        """
        axes = []
        for axis, count in enumerate(self.bins_wh):
            bins = xy_crop_px[..., axis].float() * self._scale[axis] + self._offset[axis]
            bins = bins.nan_to_num(_FAR_BINS, _FAR_BINS, -_FAR_BINS)[..., None]  # (B, K, 1)
            axes.append(self._target(bins, torch.arange(count, device=bins.device)))
        return axes[0], axes[1]

    def read(self, places: Places) -> Axes:
        """As `Codec.read`: logits where targets are Gaussian, else probabilities.

        Raises:
            UserError: the network has other numbers of bins than the config says.
        """
        columns, rows = self._axes(places)
        if self._gaussian:
            return columns.float(), rows.float()
        return columns.float().softmax(-1), rows.float().softmax(-1)

    def unmirrored(self, places: Places, swap: Tensor) -> Axes:
        """As `Codec.unmirrored`; a shift keeps the bins it uncovers (the authors' code)."""
        columns, rows = self._axes(places)
        return shifted(columns.flip(-1)[:, swap], self._flip_shift_bins), rows[:, swap]

    def mean(self, a: Places, b: Places) -> Axes:
        """As `Codec.mean`."""
        (a_columns, a_rows), (b_columns, b_rows) = self._axes(a), self._axes(b)
        return (a_columns + b_columns) / 2, (a_rows + b_rows) / 2

    def decode(self, places: Places) -> tuple[Tensor, Tensor]:
        """As `Codec.decode`; the score is the smaller of the two highest probabilities.

        A perfect answer scores `peak`, 0.07 at six bins: not to be held against a heat map's.
        """
        found, scores, empty = [], [], None
        for axis, probabilities in enumerate(self._probabilities(places)):
            score, place = probabilities.max(-1)
            found.append((place - self._offset[axis]) / self._scale[axis])
            scores.append(score)
            none = ~probabilities.isfinite().any(-1)
            empty = none if empty is None else empty | none
        assert empty is not None
        xy_crop_px = torch.stack(found, dim=-1).masked_fill(empty[..., None], math.nan)
        return xy_crop_px, torch.minimum(*scores).clamp(0, 1).masked_fill(empty, math.nan)

    def maps_of(self, places: Places) -> Tensor:
        """As `Codec.maps_of`: the product of both axes, each of height 1 where it is its target.

        A pixel is a cell of `CELL_PX` crop pixels and holds the highest of its bins.
        """
        cells = [
            functional.max_pool1d(each.nan_to_num(0.0), self._bins_per_cell, ceil_mode=True)
            / self.peak
            for each in self._probabilities(places)
        ]
        columns, rows = cells
        return (rows[..., :, None] * columns[..., None, :]).clamp(0, 1)

    def _target(self, bins: Tensor, axis: Tensor) -> Tensor:
        """Of places (B, K, 1) on an axis (n,) of bins: (B, K, n)."""
        if self._gaussian:
            away = (axis - bins) / self.sigma_bins
            return torch.exp(-(away**2) / 2) / (self.sigma_bins * math.sqrt(2 * math.pi))
        nearest = (bins + 0.5).floor()
        inside = (nearest >= 0) & (nearest < len(axis))
        others = self._smoothing / max(len(axis) - 1, 1)
        return torch.where(axis == nearest, 1 - self._smoothing, others) * inside

    def _probabilities(self, places: Places) -> Axes:
        """Of what was read; NaN throughout where a network says no number."""
        columns, rows = (each.float() for each in self._axes(places))
        if not self._gaussian:
            return columns, rows
        return columns.softmax(-1), rows.softmax(-1)

    def _axes(self, places: Places) -> Axes:
        width, height = self.bins_wh
        both = (places,) if isinstance(places, Tensor) else places
        found = tuple(each.shape[-1] for each in both)
        if found != (width, height) or isinstance(places, Tensor):
            raise UserError(
                f"The network's places are {' and '.join(map(str, found))} wide; its codec reads "
                f"{width} columns and {height} rows.",
                where="codec.split",
            )
        return places
