"""What a visibility-aware network is built from. No torch."""

from dataclasses import dataclass, field

from core.models.bases.config import BaseConfig
from core.models.fields import choice, number, switch, whole, wholes

REASONING_WORDS = ("none", "unmasked", "masked", "attention_bias")
SHORTCUT_WORDS = ("maps", "masked")


@dataclass(frozen=True)
class VisawareConfig:
    """A base, VisNet on its keypoint maps, and a transformer over the keypoints.

    Paper 001 gives neither VisNet's nor the transformer's sizes; those here are of code that is
    public under its name (Occluded-Pose-Reasoning): VisNet of 64 and 32 units, 0.8 MB at 256x192
    and so below the paper's 1 MB, and three blocks of 512 with two heads.
    """

    base: BaseConfig = field(default_factory=BaseConfig)
    # What a hidden keypoint may still say: of core.models.visaware.reasoning.LISTENINGS, or none.
    reasoning: str = choice("masked", *REASONING_WORDS)
    threshold: float = number(0.5, 0.0, 1.0)  # of p(v = 2), from which on a keypoint is listened to
    softness: float = number(0.01, 1e-6, 1.0)  # what a hidden keypoint keeps, of 1
    visnet: tuple[int, ...] = wholes((64, 32), 1, 4096, counts=range(1, 5))  # hidden units
    width: int = whole(512, 8, 4096)  # of a token inside the transformer, a multiple of heads
    blocks: int = whole(3, 1, 24)
    heads: int = whole(2, 1, 64)
    mlp_ratio: int = whole(2, 1, 16)  # hidden units of a block's second half over `width`
    # What the transformer's answer is added to: of core.models.visaware.reasoning.SHORTCUTS. The
    # public code adds it to the maps as they are; the paper's words can also mean the masked ones,
    # of which a hidden keypoint keeps a hundredth of its own.
    shortcut: str = choice("maps", *SHORTCUT_WORDS)
    # A learned vector per keypoint is added to its token. The paper and the public code have none,
    # so that only what the maps show tells a wrist from an ankle.
    keypoint_vectors: bool = switch(False)
