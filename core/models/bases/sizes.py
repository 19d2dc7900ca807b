"""Whether crop, features and maps of a base go together."""

from core.errors import UserError
from core.models.bases.pose_base import PoseBase
from core.models.codecs.config import HeatmapConfig
from core.models.model_config import ModelConfig


def require_sizes(base: PoseBase, config: ModelConfig) -> None:
    """Pass where the crop is whole in features, and the codec's maps are those the base makes.

    Raises:
        UserError: sides of the crop that are no multiple of the features' stride, or other maps.
    """
    odd = [side for side in config.crop_size_wh_px if side % base.feature_stride]
    if odd:
        raise UserError(
            f"Crops of {_by(config.crop_size_wh_px)} pixels do not go with this base.",
            remedy=f"Both sides have to be multiples of {base.feature_stride}.",
        )
    width, height = (side // base.map_stride for side in config.crop_size_wh_px)
    if isinstance(config.codec, HeatmapConfig) and config.codec.size_wh_px != (width, height):
        raise UserError(
            f"The codec's maps are {_by(config.codec.size_wh_px)}, those of the base "
            f"{_by((width, height))} for crops of {_by(config.crop_size_wh_px)}.",
            remedy="Change codec.size_wh_px or crop_size_wh_px.",
        )


def _by(size_wh_px: tuple[int, int]) -> str:
    return "x".join(map(str, size_wh_px))
