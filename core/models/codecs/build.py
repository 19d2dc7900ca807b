"""The codec of a network."""

from core.models.codecs.codec import Codec
from core.models.codecs.config import HeatmapConfig, SimccConfig
from core.models.codecs.heatmap import HeatmapCodec
from core.models.codecs.simcc import SimccCodec
from core.models.model_config import ModelConfig


def codec_of(config: ModelConfig) -> Codec:
    """The codec a config asks for; a network that looks at the whole picture reads itself."""
    codec = config.codec
    if isinstance(codec, HeatmapConfig):
        return HeatmapCodec(codec, config.crop_size_wh_px, config.alignment)
    assert isinstance(codec, SimccConfig)
    return SimccCodec(codec, config.crop_size_wh_px, config.alignment)
