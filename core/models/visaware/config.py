"""What a visibility-aware network is built from. No torch."""

from dataclasses import dataclass, field

from core.models.bases.config import BaseConfig
from core.models.fields import choice, number, switch, whole, wholes

REASONING_WORDS = ("none", "unmasked", "masked", "attention_bias")


@dataclass(frozen=True)
class VisawareConfig:
    """A base, VisNet on its keypoint maps, and a transformer over the keypoints.

    Paper 001 gives neither VisNet's nor the transformer's sizes. VisNet's make 0.8 MB at 256x192,
    below the paper's 1 MB; the transformer's are TransPose-R's, and its tokens are narrowed to
    `width` first, since blocks as wide as a map (3,072) would have 113 M parameters each.
    """

    base: BaseConfig = field(default_factory=BaseConfig)
    # What a hidden keypoint may still say: of core.models.visaware.reasoning.LISTENINGS, or none.
    reasoning: str = choice("masked", *REASONING_WORDS)
    threshold: float = number(0.5, 0.0, 1.0)  # of p(v = 2), from which on a keypoint is listened to
    softness: float = number(0.01, 1e-6, 1.0)  # what a hidden keypoint keeps, of 1
    visnet: tuple[int, ...] = wholes((64, 32), 1, 4096, counts=range(1, 5))  # hidden units
    width: int = whole(256, 8, 4096)  # of a token inside the transformer, a multiple of heads
    blocks: int = whole(4, 1, 24)
    heads: int = whole(8, 1, 64)
    mlp_ratio: int = whole(4, 1, 16)  # hidden units of a block's second half over `width`
    # A learned vector per keypoint is added to its token. The paper names none, and without one
    # the blocks cannot tell a wrist from an ankle.
    keypoint_vectors: bool = switch(True)
