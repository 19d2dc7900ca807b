"""Networks that fit a test: narrow, with crops of 64 x 64."""

import numpy as np

from core.data.augment import LabelledPerson
from core.models.bases.config import BaseConfig
from core.models.codecs.config import HeatmapConfig
from core.models.metamodel.config import MetamodelConfig
from core.models.model_config import ModelConfig
from core.models.plain.config import PlainConfig

SMALL_BASE = BaseConfig("tiny", width=0.1)
SMALL_MAPS = HeatmapConfig((16, 16), activation="softmax", refine="newton")
SMALL_METAMODEL = ModelConfig(
    "metamodel",
    MetamodelConfig(SMALL_BASE, bottleneck=8, reduced=4, hidden=(8,), dropout=0.2),
    SMALL_MAPS,
    crop_size_wh_px=(64, 64),
)
SMALL_PLAIN = ModelConfig("plain", PlainConfig(SMALL_BASE), SMALL_MAPS, crop_size_wh_px=(64, 64))


def a_person(number: int = 0, visibility: int | None = None) -> LabelledPerson:
    """A noisy photo with seventeen keypoints on it, of every flag unless `visibility` says so."""
    rng = np.random.default_rng(number)
    flags = np.arange(17) % 3 if visibility is None else np.full(17, visibility)
    return LabelledPerson(
        rng.integers(0, 255, (80, 80, 3), dtype=np.uint8),
        np.array([10.0, 10, 60, 60]),
        rng.uniform(15, 65, (17, 2)),
        flags.astype(np.int8),
        np.ones(17, bool),
        2000.0,
    )
