"""Networks of paper 002 in the catalogue: three for GPUs, one for CPUs. No torch."""

from collections.abc import Mapping

from core.models.codecs.config import GridConfig
from core.models.entry import Entry
from core.models.hybridpose.config import HybridPoseConfig
from core.models.model_config import ModelConfig

SOURCE = "Paper 002 (Kim et al. 2023)"
WHAT = "Finds people on the whole picture, with their places and visibility maps"
WEIGHTS = "none published; train your own"
NOTE = "The paper counts no parameters; the body has those of YOLOv5-P6, which KAPAO builds on."

# Nearest in IoU to the persons with keypoints of COCO train2017, letterboxed to 320 x 320: k-means
# of 12, in order of area. Three for each stride, as width and height.
TINY_ANCHORS_WH_PX = (
    24, 28, 16, 48, 27, 52,
    47, 35, 26, 93, 43, 69,
    73, 77, 47, 127, 78, 157,
    135, 95, 129, 186, 231, 197,
)  # fmt: skip


def _model(network: HybridPoseConfig, side_px: int) -> ModelConfig:
    """A network for square pictures; like YOLOv5 it takes pixels as parts of white."""
    return ModelConfig(
        "hybridpose",
        network,
        GridConfig(),
        crop_size_wh_px=(side_px, side_px),
        mean=(0.0, 0.0, 0.0),
        std=(255.0, 255.0, 255.0),
    )


HYBRIDPOSE_ENTRIES: Mapping[str, Entry] = {
    "hybridpose_s": Entry(
        _model(HybridPoseConfig(0.33, 0.50), 1280), f"{WHAT}; small.", SOURCE, WEIGHTS, NOTE
    ),
    "hybridpose_m": Entry(
        _model(HybridPoseConfig(0.67, 0.75), 1280), f"{WHAT}; medium.", SOURCE, WEIGHTS, NOTE
    ),
    "hybridpose_l": Entry(
        _model(HybridPoseConfig(1.0, 1.0), 1280), f"{WHAT}; large.", SOURCE, WEIGHTS, NOTE
    ),
    "hybridpose_tiny": Entry(
        _model(
            HybridPoseConfig(
                0.33,
                0.1875,
                anchors_wh_px=TINY_ANCHORS_WH_PX,
                map_channels=32,
                norm_momentum=0.1,
            ),
            320,
        ),
        f"{WHAT}; for CPUs.",
        f"{SOURCE}, made small",
        WEIGHTS,
    ),
}
