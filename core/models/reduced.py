"""The same network made small, to try a thing out where its own size would take hours. No torch."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from core.models.codecs.config import HeatmapConfig
from core.models.hpcvnet.config import HpcvnetConfig
from core.models.hybridpose.config import HybridPoseConfig
from core.models.metamodel.config import MetamodelConfig
from core.models.model_config import ModelConfig
from core.models.oahpe.config import OahpeConfig
from core.models.visaware.config import VisawareConfig
from core.models.vitpose.config import VitposeConfig

LEAST = 8  # channels or units that are left of any layer
LEAST_WIDTH = 0.05  # of a network that is described by its width alone


def reduced(
    model: ModelConfig, *, width: float = 1.0, crop_size_wh_px: tuple[int, int] | None = None
) -> ModelConfig:
    """The same kind of network with narrower layers and smaller crops.

    Heat maps keep their share of the crop. As many layers as before, but a transformer of crops has
    a third of them at least; widths that are given as a list or by a branch shrink with the rest.

    Args:
        width: of every layer, 1 leaves it as it is.
        crop_size_wh_px: None leaves it as it is.
    """
    size = crop_size_wh_px or model.crop_size_wh_px
    network: Any = model.network
    if width != 1.0:
        if hasattr(network, "base"):
            network = replace(network, base=replace(network.base, width=width))
        shrink = _SHRINK.get(type(network))
        network = shrink(network, width) if shrink else network
    codec = model.codec
    if isinstance(codec, HeatmapConfig):
        across, down = (
            round(side * now / before)
            for side, now, before in zip(codec.size_wh_px, size, model.crop_size_wh_px, strict=True)
        )
        codec = replace(codec, size_wh_px=(across, down))
    return replace(model, network=network, codec=codec, crop_size_wh_px=size)


def _times(value: int, width: float, *, of: int = 1) -> int:
    """A number of channels, a multiple of `of`."""
    return max(of, LEAST // of * of, round(value * width / of) * of)


def _all(values: tuple[int, ...], width: float) -> tuple[int, ...]:
    return tuple(_times(value, width) for value in values)


def _metamodel(network: MetamodelConfig, width: float) -> MetamodelConfig:
    return replace(
        network,
        bottleneck=_times(network.bottleneck, width),
        reduced=_times(network.reduced, width),
        hidden=_all(network.hidden, width),
    )


def _visaware(network: VisawareConfig, width: float) -> VisawareConfig:
    return replace(network, width=_times(network.width, width, of=network.heads))


def _oahpe(network: OahpeConfig, width: float) -> OahpeConfig:
    return replace(
        network,
        reduced=_times(network.reduced, width),
        hidden=_all(network.hidden, width),
        similarity_hidden=_all(network.similarity_hidden, width),
    )


def _hpcvnet(network: HpcvnetConfig, width: float) -> HpcvnetConfig:
    return replace(
        network,
        reduced=_times(network.reduced, width),
        widths=_all(network.widths, width),
        hidden=_times(network.hidden, width),
    )


def _vitpose(network: VitposeConfig, width: float) -> VitposeConfig:
    hidden = _times(network.hidden, width, of=2 * network.heads)
    part = min(_times(network.part_features, width), hidden - 1)
    layers = max(1, round(network.layers * max(width, 1 / 3)))
    return replace(network, hidden=hidden, part_features=part, layers=layers)


def _hybridpose(network: HybridPoseConfig, width: float) -> HybridPoseConfig:
    return replace(
        network,
        width=max(LEAST_WIDTH, network.width * width),
        map_channels=_times(network.map_channels, width),
    )


_SHRINK: Mapping[type, Callable[[Any, float], Any]] = {
    MetamodelConfig: _metamodel,
    VisawareConfig: _visaware,
    OahpeConfig: _oahpe,
    HpcvnetConfig: _hpcvnet,
    VitposeConfig: _vitpose,
    HybridPoseConfig: _hybridpose,
}
