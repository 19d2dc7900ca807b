"""What a network that looks at crops says, read once: probabilities in place of logits."""

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
        similarity: (B, K) float32 in 0..1, expected of a keypoint if it is labelled.
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


def _sigmoid(logits: Tensor | None) -> Tensor | None:
    return None if logits is None else logits.float().sigmoid()
