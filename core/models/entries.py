"""The catalogue: every network by name, with what papers say of it. No torch: lists are cheap."""

from collections.abc import Mapping

from core.errors import UserError
from core.models.codecs.config import GridConfig
from core.models.entry import Entry as Entry
from core.models.hpcvnet.entries import HPCVNET_ENTRIES
from core.models.hybridpose.config import HybridPoseConfig
from core.models.metamodel.entries import METAMODEL_ENTRIES
from core.models.model_config import ModelConfig
from core.models.oahpe.entries import OAHPE_ENTRIES
from core.models.plain.entries import PLAIN_ENTRIES
from core.models.visaware.entries import VISAWARE_ENTRIES
from core.models.vitpose.entries import VITPOSE_ENTRIES


def _hybridpose(
    network: HybridPoseConfig,
    side_px: int,
    what: str,
    *,
    source: str = "Paper 002 (Kim et al. 2023)",
) -> Entry:
    """A network for whole pictures; like YOLOv5 it takes pixels as parts of white."""
    model = ModelConfig(
        "hybridpose",
        network,
        GridConfig(),
        crop_size_wh_px=(side_px, side_px),
        mean=(0.0, 0.0, 0.0),
        std=(255.0, 255.0, 255.0),
    )
    return Entry(model, what, source, "none published; train your own")


# Nearest in IoU to the persons with keypoints of COCO train2017, letterboxed to 320 x 320: k-means
# of 12, in order of area. Three for each stride, as width and height.
TINY_ANCHORS_WH_PX = (
    24, 28, 16, 48, 27, 52,
    47, 35, 26, 93, 43, 69,
    73, 77, 47, 127, 78, 157,
    135, 95, 129, 186, 231, 197,
)  # fmt: skip

ENTRIES: Mapping[str, Entry] = {
    **METAMODEL_ENTRIES,
    **VISAWARE_ENTRIES,
    "hybridpose_s": _hybridpose(
        HybridPoseConfig(0.33, 0.50),
        1280,
        "Finds people on the whole picture, with their places and visibility maps; small.",
    ),
    "hybridpose_m": _hybridpose(
        HybridPoseConfig(0.67, 0.75),
        1280,
        "Finds people on the whole picture, with their places and visibility maps; medium.",
    ),
    "hybridpose_l": _hybridpose(
        HybridPoseConfig(1.0, 1.0),
        1280,
        "Finds people on the whole picture, with their places and visibility maps; large.",
    ),
    "hybridpose_tiny": _hybridpose(
        HybridPoseConfig(
            0.33,
            0.1875,
            anchors_wh_px=TINY_ANCHORS_WH_PX,
            map_channels=32,
            norm_momentum=0.1,
        ),
        320,
        "Finds people on the whole picture, with their places and visibility maps; for CPUs.",
        source="Paper 002 (Kim et al. 2023), made small",
    ),
    **VITPOSE_ENTRIES,
    **OAHPE_ENTRIES,
    **HPCVNET_ENTRIES,
    **PLAIN_ENTRIES,
}


def model_of(name: str) -> ModelConfig:
    """The config of an entry.

    Raises:
        UserError: no entry of that name; names the known ones.
    """
    entry = ENTRIES.get(name)
    if entry is None:
        raise UserError(
            f"There is no network called {name!r}.",
            remedy=f"Known networks: {', '.join(sorted(ENTRIES))}.",
        )
    return entry.model
