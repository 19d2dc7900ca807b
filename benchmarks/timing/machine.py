"""What is measured on, and the networks, crops and persons that are."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.timing.in_turns import ROUNDS, TRIES, Compared, Way, compared
from core.inference.pose_predictor import PersonCrop
from core.models.catalog import build_model
from core.models.entries import model_of
from core.models.metamodel.config import MetamodelConfig
from core.models.model_config import ModelConfig
from core.models.plain.config import PlainConfig
from core.models.preprocess import normalised
from core.models.reduced import reduced

BATCHES = (1, 8, 32)
SMALL = (64, 64)  # crops of a quick look
# Dense floating point operations a second by the name PyTorch gives a device: NVIDIA's figures.
PEAKS: Mapping[str, Mapping[str, float]] = {
    "NVIDIA H200": {"float32": 66.9e12, "bfloat16": 989.4e12},
    "NVIDIA H100 80GB HBM3": {"float32": 66.9e12, "bfloat16": 989.4e12},
    "NVIDIA H100 PCIe": {"float32": 51.2e12, "bfloat16": 756.5e12},
    "NVIDIA A100-SXM4-40GB": {"float32": 19.5e12, "bfloat16": 311.9e12},
    "NVIDIA A100-SXM4-80GB": {"float32": 19.5e12, "bfloat16": 311.9e12},
}


@dataclass(frozen=True)
class Machine:
    """What is measured on, and how."""

    device: torch.device
    rounds: int = ROUNDS
    batches: tuple[int, ...] = BATCHES
    quick: bool = False

    def model(self, name: str) -> ModelConfig:
        """A network of the catalogue, "m=N" with that bottleneck; with `quick` a tiny one of it."""
        name, _, bottleneck = name.partition(" m=")
        model = model_of(name)
        if bottleneck:
            assert isinstance(model.network, MetamodelConfig)
            model = replace(model, network=replace(model.network, bottleneck=int(bottleneck)))
        return reduced(model, width=0.1, crop_size_wh_px=SMALL) if self.quick else model

    def base_of(self, name: str) -> ModelConfig:
        """What a network stands on, alone, with its codec and crops."""
        model = self.model(name)
        base = model.network.base  # type: ignore[union-attr]
        return replace(model, family="plain", network=PlainConfig(base))

    def network(self, model: ModelConfig) -> nn.Module:
        """It with fresh weights, as predictors run it."""
        torch.manual_seed(0)
        network = build_model(model).to(self.device).eval()
        return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]

    def crops(self, model: ModelConfig, count: int) -> Tensor:
        """What a predictor gives a network, of noise."""
        width, height = model.crop_size_wh_px
        pixels = torch.randint(0, 255, (count, height, width, 3), dtype=torch.uint8)
        return normalised(pixels.to(self.device), model)

    def compared(self, ways: Mapping[str, Way]) -> Compared:
        """Ways in turns."""
        tries = 1 if self.quick else TRIES
        return compared(ways, self.device, rounds=self.rounds, tries=tries)

    def share_of_peak(self, flops_per_s: float, precision: str) -> float | str:
        """Of what the device can at most; in a word where that is not known."""
        peak = PEAKS.get(self.name, {}).get(precision)
        return round(flops_per_s / peak, 4) if peak else "unknown"

    @property
    def name(self) -> str:
        """Of the device."""
        is_gpu = self.device.type == "cuda"
        return torch.cuda.get_device_name(self.device) if is_gpu else self.device.type

    def verdict(self, value: float, most: float) -> str:
        """What to say of a budget."""
        if self.quick:
            return ""
        return f", at most {most:g}{'' if value <= most else '  OVER BUDGET'}"


def people_of_a_photo(count: int) -> list[PersonCrop]:
    """Persons of one noisy photo in boxes of usual sizes."""
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 255, (480, 640, 3), dtype=np.uint8)
    corner, side = rng.uniform(0, 250, (count, 2)), rng.uniform([60, 120], [200, 230], (count, 2))
    return [PersonCrop(photo, np.concatenate(box)) for box in zip(corner, side, strict=True)]


def look(network: nn.Module, crops: Tensor, *, bfloat16: bool = False) -> Way:
    """The forward pass alone."""

    @torch.inference_mode()
    def way() -> Any:
        with torch.autocast(crops.device.type, torch.bfloat16, enabled=bfloat16):
            return network(crops)

    return way
