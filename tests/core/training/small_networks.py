"""Networks that fit a test: narrow, with crops of 64 x 64."""

from pathlib import Path

import numpy as np
import torch

from core.data.augment import LabelledPerson
from core.models.bases.config import BaseConfig
from core.models.codecs.config import HeatmapConfig
from core.models.metamodel.config import MetamodelConfig
from core.models.model_config import ModelConfig
from core.models.plain.config import PlainConfig
from tests.core.models.public_weights.written import Sheet, write_resnet

SMALL_BASE = BaseConfig("tiny", width=0.1)
SMALL_MAPS = HeatmapConfig((16, 16), activation="softmax", refine="newton")
SMALL_METAMODEL = ModelConfig(
    "metamodel",
    MetamodelConfig(SMALL_BASE, bottleneck=8, reduced=4, hidden=(8,), dropout=0.2),
    SMALL_MAPS,
    crop_size_wh_px=(64, 64),
)
# On a ResNet-50, whose backbones others publish.
SMALL_RESNET = ModelConfig(
    "plain",
    PlainConfig(BaseConfig("sbl_r50", width=0.125)),
    HeatmapConfig((16, 16)),
    crop_size_wh_px=(64, 64),
)
SMALL_PLAIN = ModelConfig("plain", PlainConfig(SMALL_BASE), SMALL_MAPS, crop_size_wh_px=(64, 64))


def write_backbone(file: Path) -> Path:
    """Weights as torchvision names them, of the backbone of `SMALL_RESNET`."""
    sheet = Sheet()
    width = write_resnet(sheet, 8, (3, 4, 6, 3))
    sheet.linear("fc", width, 1000)
    torch.save(sheet.weights, file)
    return file


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
