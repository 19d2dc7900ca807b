"""What networks say before any codec reads it."""

from typing import NamedTuple

from torch import Tensor

# Heat maps (B, K, h, w), or SimCC's two: columns (B, K, W * split), rows (B, K, H * split).
Places = Tensor | tuple[Tensor, Tensor]


class BaseOutput(NamedTuple):
    """What a base says.

    Attributes:
        maps: (B, K, h, w) one map per keypoint, before any activation.
        features: (B, C, h', w') of the last encoder, for branches to stand on.
        coarse: maps (B, K, ., .) of earlier stages and coarser levels, each with its own
            supervision in training; in the order in which they are made.
    """

    maps: Tensor
    features: Tensor
    coarse: tuple[Tensor, ...] = ()


class PoseOutput(NamedTuple):
    """What a network says of crops of single persons; None where it says nothing.

    Attributes:
        places: as the model's codec reads them, before activation.
        coarse: as `BaseOutput.coarse`.
        flag_logits: (B, K, 3), softmax over the last axis gives p(v = 0, 1, 2).
        presence_logits: (B, K), sigmoid gives p(v > 0).
        visible_logits: (B, K), sigmoid gives p(v = 2).
        similarity_logits: (B, K, N) of the similarity expected of a keypoint if it is
            labelled, read by `core.models.similarity`; times presence it is paper 004's OPKS.
    """

    places: Places
    coarse: tuple[Tensor, ...] = ()
    flag_logits: Tensor | None = None
    presence_logits: Tensor | None = None
    visible_logits: Tensor | None = None
    similarity_logits: Tensor | None = None
