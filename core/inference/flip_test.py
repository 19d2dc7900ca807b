"""What a network says of crops, read once; and of crops and their mirror images, averaged."""

from typing import NamedTuple

from torch import Tensor

from core.models.codecs.codec import Codec
from core.models.outputs import Places, PoseOutput
from core.models.similarity import expected_similarity


class Answer(NamedTuple):
    """A network's answers as probabilities; None where it says nothing.

    Attributes:
        places: as the codec read them.
        flags: (B, K, 3) float32, p(v = 0, 1, 2).
        presence: (B, K) float32 in 0..1, p(v > 0).
        visible: (B, K) float32 in 0..1, p(v = 2).
        similarity: (B, K) float32 in 0..1, the expected OPKS.
    """

    places: Places
    flags: Tensor | None
    presence: Tensor | None
    visible: Tensor | None
    similarity: Tensor | None


def read(output: PoseOutput, codec: Codec) -> Answer:
    """Logits to probabilities, whatever precision the network ran in."""
    return Answer(
        codec.read(output.places),
        None if output.flag_logits is None else output.flag_logits.float().softmax(-1),
        _sigmoid(output.presence_logits),
        _sigmoid(output.visible_logits),
        None if output.similarity_logits is None else expected_similarity(output.similarity_logits),
    )


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


def _sigmoid(logits: Tensor | None) -> Tensor | None:
    return None if logits is None else logits.float().sigmoid()
