"""What a network needs to know of its input and output; travels with the weights. No torch."""

from dataclasses import dataclass

from core.data.skeleton import COCO17, Skeleton


@dataclass(frozen=True)
class ModelConfig:
    """Architecture and preprocessing of one checkpoint."""

    architecture: str  # a name of core.models.catalog.MODELS
    keypoint_names: tuple[str, ...] = COCO17.names
    edges: tuple[tuple[int, int], ...] = COCO17.edges  # index pairs from 0, for drawing
    crop_size_wh_px: tuple[int, int] = (160, 192)  # 6:5 high, as the yardstick's
    map_size_wh_px: tuple[int, int] = (40, 48)  # a quarter of the crop
    sigma_px: float = 2.0  # of the heat map, not of the crop
    padding: float = 1.25  # crop side over box side
    channel_order: str = "RGB"  # of the network's input; photos are read as BGR
    mean: tuple[float, float, float] = (123.675, 116.28, 103.53)  # of 0..255, channel order above
    std: tuple[float, float, float] = (58.395, 57.12, 57.375)
    flip_shift_px: int = 0  # of a mirrored heat map; 0 because the codec is unbiased

    @property
    def skeleton(self) -> Skeleton:
        """The keypoints this network predicts, in its order."""
        return Skeleton(self.keypoint_names, self.edges)
