"""Heat maps: how places become targets and how maps become places. Both halves stay together."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class HeatmapCodec:
    """Unnormalised Gaussians of height 1 on a grid coarser than the crop.

    Pixel centres are whole numbers in both frames, so crop x lies at
    (x + 0.5) / stride - 0.5 on the map and a mirrored map needs no shift (SimpleBaseline's does,
    by one pixel, because it maps x to x / stride).
    """

    crop_size_wh_px: tuple[int, int]
    map_size_wh_px: tuple[int, int]
    sigma_px: float  # of the heat map, not of the crop

    @property
    def stride(self) -> float:
        """Crop pixels per map pixel."""
        return self.crop_size_wh_px[0] / self.map_size_wh_px[0]

    @property
    def gaussian_mass(self) -> float:
        """Sum over the map of one Gaussian of height 1."""
        return 2 * torch.pi * self.sigma_px**2

    def encode(self, xy_crop_px: Tensor) -> Tensor:
        """Targets (B, K, h, w) float32 in 0..1 for places (B, K, 2) in the crop.

        The centre is not rounded to a map pixel, unlike SimpleBaseline's: the decoder reads
        fractions.
        """
        centre = (xy_crop_px.float() + 0.5) / self.stride - 0.5
        width, height = self.map_size_wh_px
        across = torch.arange(width, device=centre.device) - centre[..., :1]  # (B, K, w)
        down = torch.arange(height, device=centre.device) - centre[..., 1:]  # (B, K, h)
        spread = 2 * self.sigma_px**2
        columns, rows = torch.exp(-(across**2) / spread), torch.exp(-(down**2) / spread)
        return rows[..., :, None] * columns[..., None, :]  # (B, K, h, w)

    def maps_of(self, logits: Tensor) -> Tensor:
        """Heat maps (B, K, h, w), in 0..1 where the model is no surer than its target.

        The softmax over the map, scaled so that a map equal to the target has height 1.
        """
        flat = logits.float().flatten(2).softmax(-1) * self.gaussian_mass
        return flat.view_as(logits)

    def decode(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        """Places (B, K, 2) in crop pixels and heat scores (B, K) in 0..1.

        The peak, moved by one Newton step on the log of the blurred map (DARK, Zhang et al. 2020,
        eq. 9), at most half a map pixel each way. Deviation: the blur is 3x3 instead of the
        target's own width, the steps of x and y are taken apart.
        """
        width, height = self.map_size_wh_px
        score, place = maps.flatten(2).max(-1)  # (B, K)
        x, y = place % width, place // width
        log_map = self._blurred(maps).clamp_min(1e-10).log().flatten(2)  # (B, K, h * w)

        def at(column: Tensor, row: Tensor) -> Tensor:
            inside = row.clamp(0, height - 1) * width + column.clamp(0, width - 1)
            return log_map.gather(-1, inside[..., None])[..., 0]

        here = at(x, y)
        step_x = _newton(at(x - 1, y), here, at(x + 1, y)) * ((x > 0) & (x < width - 1))
        step_y = _newton(at(x, y - 1), here, at(x, y + 1)) * ((y > 0) & (y < height - 1))
        on_map = torch.stack([x + step_x, y + step_y], dim=-1)  # (B, K, 2)
        return (on_map + 0.5) * self.stride - 0.5, score.clamp(0, 1)

    def _blurred(self, maps: Tensor) -> Tensor:
        padded = torch.nn.functional.pad(maps, (1, 1, 1, 1), mode="replicate")
        rows = (padded[..., :-2, :] + 2 * padded[..., 1:-1, :] + padded[..., 2:, :]) / 4
        return (rows[..., :-2] + 2 * rows[..., 1:-1] + rows[..., 2:]) / 4


def _newton(before: Tensor, here: Tensor, after: Tensor) -> Tensor:
    """The peak of the parabola through three neighbours, relative to the middle one."""
    slope = (after - before) / 2
    curvature = after - 2 * here + before
    step = torch.where(curvature < -1e-6, -slope / curvature, torch.zeros_like(slope))
    return step.clamp(-0.5, 0.5)
