"""What decides how places are encoded and decoded. No torch."""

from dataclasses import dataclass
from typing import ClassVar

from core.models.fields import choice, number, switch, whole, wholes


@dataclass(frozen=True)
class HeatmapConfig:
    """One map per keypoint with a Gaussian at its place."""

    kind: ClassVar[str] = "heatmap"
    size_wh_px: tuple[int, int] = wholes((48, 64), 1, 1024)  # of the map
    # Of the map, not of the crop. SimpleBaseline's code has 2, paper 000's text says 1.
    sigma_px: float = number(2.0, 0.1, 100)
    # What makes maps of logits: softmax over places (trained by cross-entropy), or nothing (trained
    # by squared error, as every public heat-map checkpoint is).
    activation: str = choice("none", "none", "softmax")
    # How the peak gets its fraction: of core.models.codecs.peaks.REFINERS.
    refine: str = choice("quarter", "whole", "quarter", "newton", "dark", "second_peak")
    blur_px: int = whole(11, 1, 31)  # width of the blur before dark and second_peak, odd
    blur_sigma_px: float = number(0.0, 0.0, 10.0)  # of that blur; 0: as OpenCV takes for its width
    height: float = number(1.0, 1e-3, 1e4)  # of a target's peak: 255 in MSPN
    rounded: bool = switch(False)  # targets centred on whole map pixels, as SimpleBaseline's
    flip_shift_px: int = whole(0, -8, 8)  # of a mirrored map; 1 for classic alignment


@dataclass(frozen=True)
class SimccConfig:
    """Two distributions per keypoint: over columns and over rows of the crop, in fine bins."""

    kind: ClassVar[str] = "simcc"
    split: float = number(2.0, 0.5, 8)  # bins per crop pixel
    sigma_bins: float = number(6.0, 0.1, 100)  # of the Gaussian target
    target: str = choice("gaussian", "gaussian", "one_hot")
    smoothing: float = number(0.1, 0.0, 0.9)  # of the one-hot target
    # Of mirrored columns; -1 for classic alignment and two bins a pixel.
    flip_shift_bins: int = whole(0, -8, 8)


@dataclass(frozen=True)
class GridConfig:
    """Places as offsets from the cells of a network that looks at the whole picture."""

    kind: ClassVar[str] = "grid"
    # How a visibility map is read at a keypoint: of core.models.hybridpose.maps.READERS. The cell
    # that holds it, as paper 002's eq. 5 has it, or between four.
    map_read: str = choice("nearest", "nearest", "bilinear")
    least_score: float = number(0.001, 0.0, 1.0)  # objectness of what is looked at; KAPAO's
    most_overlap: float = number(0.65, 0.0, 1.0)  # IoU of two persons that are both kept; KAPAO's
    most_candidates: int = whole(3000, 1, 30000)  # of a picture, before overlapping ones go
    most_people: int = whole(300, 1, 30000)  # of a picture


CodecConfig = HeatmapConfig | SimccConfig | GridConfig
CODEC_CONFIGS = {kind.kind: kind for kind in (HeatmapConfig, SimccConfig, GridConfig)}
