"""The codec of a network."""

from core.models.codecs.codec import Codec
from core.models.codecs.config import HeatmapConfig
from core.models.codecs.heatmap import HeatmapCodec
from core.models.model_config import ModelConfig


def codec_of(config: ModelConfig) -> Codec:
    """The codec a config asks for; a whole-picture network has none."""
    codec = config.codec
    assert isinstance(codec, HeatmapConfig)
    return HeatmapCodec(codec, config.crop_size_wh_px, config.alignment)
