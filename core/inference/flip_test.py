"""What a network says of crops and of their mirror images, averaged."""

from torch import Tensor

from core.models.answers import Answer
from core.models.codecs.codec import Codec


def averaged(straight: Answer, mirrored: Answer, swap: Tensor, codec: Codec) -> Answer:
    """The mean of both answers; the mirrored one's left and right keypoints change places.

    Args:
        straight: of crops.
        mirrored: of the same crops mirrored.
        swap: (K,) int64, index of each keypoint's mirror image.
        codec: knows how its places are mirrored back and averaged.
    """
    return Answer(
        codec.mean(straight.places, codec.unmirrored(mirrored.places, swap)),
        *(_mean(a, b, swap) for a, b in zip(straight[1:], mirrored[1:], strict=True)),
    )


def _mean(straight: Tensor | None, mirrored: Tensor | None, swap: Tensor) -> Tensor | None:
    if straight is None or mirrored is None:
        return None
    return (straight + mirrored[:, swap]) / 2
