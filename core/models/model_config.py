"""What a network needs to know of its input and output; travels with the weights. No torch."""

from dataclasses import dataclass, field

from core.data.skeleton import COCO17, Skeleton
from core.models.codecs.config import CODEC_CONFIGS, CodecConfig
from core.models.families import FAMILIES, NetworkConfig
from core.models.fields import choice, chosen, names, number, numbers, pairs, wholes, word_of

MOST_KEYPOINTS = 500  # COCO-WholeBody has 133


@dataclass(frozen=True)
class ModelConfig:
    """Architecture and preprocessing of one checkpoint."""

    family: str = field(metadata=word_of(FAMILIES))
    network: NetworkConfig = field(metadata=chosen(FAMILIES, by="family"))
    codec: CodecConfig = field(metadata=chosen(CODEC_CONFIGS))
    keypoint_names: tuple[str, ...] = names(COCO17.names, MOST_KEYPOINTS)
    # Index pairs from 0, for drawing.
    edges: tuple[tuple[int, int], ...] = pairs(COCO17.edges, MOST_KEYPOINTS)
    crop_size_wh_px: tuple[int, int] = wholes((192, 256), 32, 2048)
    padding: float = number(1.25, 0.5, 10)  # crop side over box side
    channel_order: str = choice("RGB", "RGB", "BGR")  # of the input; photos are read as BGR
    mean: tuple[float, float, float] = numbers((123.675, 116.28, 103.53), -1e6, 1e6)  # of 0..255
    std: tuple[float, float, float] = numbers((58.395, 57.12, 57.375), 1e-6, 1e6)
    # How crop and map lie on each other: of core.data.crops.ALIGNMENTS. "centres" (ours): pixel
    # centres are whole numbers in both. "classic": SimpleBaseline's, x / stride. "udp": outer pixel
    # centres fall on each other (Huang et al. 2020).
    alignment: str = choice("centres", "centres", "classic", "udp")

    @property
    def skeleton(self) -> Skeleton:
        """The keypoints this network predicts, in its order."""
        return Skeleton(self.keypoint_names, self.edges)
