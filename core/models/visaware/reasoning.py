"""Keypoint reasoning: a transformer over the keypoints, which listens less to hidden ones."""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from core.errors import UserError
from core.models.visaware.config import VisawareConfig

# Tokens (B, K, d) and how much each keypoint is listened to (B, K) in 0..1, to the tokens that go
# into the transformer and what is added to every attention logit of a key, (B, K) or None.
Listening = Callable[[Tensor, Tensor], tuple[Tensor, Tensor | None]]
# Tokens as they are and as they were listened to, to those that the answer is added to.
Shortcut = Callable[[Tensor, Tensor], Tensor]


class ReasoningBlock(nn.Module):
    """Self-attention and two layers, each after a layer norm and beside a shortcut (eq. 5, 6).

    Deviation: eq. 5 divides by the square root of d_h = d, eq. 6 has d_h = d / heads; here d_h is
    d / heads in both. The public code norms after each shortcut and lets all heads share one small
    projection; here it is as the paper says.
    """

    def __init__(self, width: int, heads: int, mlp_ratio: int) -> None:
        super().__init__()
        self.heads = heads
        self.scale = 1 / math.sqrt(width / heads)
        self.norm_attention = nn.LayerNorm(width)
        self.to_qkv = nn.Linear(width, 3 * width, bias=False)
        self.to_out = nn.Linear(width, width)
        self.norm_mlp = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            nn.Linear(width, mlp_ratio * width), nn.GELU(), nn.Linear(mlp_ratio * width, width)
        )

    def forward(self, tokens: Tensor, key_bias: Tensor | None) -> tuple[Tensor, Tensor]:
        """Tokens (B, K, width) to the same, and who listened to whom.

        Args:
            tokens: one per keypoint.
            key_bias: (B, K), added to the logits of each key; None: nothing.

        Returns:
            Tokens, and weights (B, heads, K, K): a row per listening keypoint, sums to 1.
        """
        qkv = self.to_qkv(self.norm_attention(tokens))
        query, key, value = qkv.unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        logits = query @ key.mT * self.scale  # (B, heads, K, K)
        if key_bias is not None:
            logits = logits + key_bias[:, None, None, :]
        weights = logits.softmax(-1)
        heard = (weights @ value).transpose(1, 2).flatten(2)  # (B, K, width)
        tokens = tokens + self.to_out(heard)
        return tokens + self.mlp(self.norm_mlp(tokens)), weights


class KeypointReasoning(nn.Module):
    """Tokens as long as a map, narrowed, reasoned about, widened and added back.

    What is added is 0 at first: with the shortcut `maps` a trained base that gets reasoning begins
    where it was.
    """

    def __init__(
        self,
        config: VisawareConfig,
        num_keypoints: int,
        map_px: int,
        *,
        listening: Listening,
        shortcut: Shortcut,
    ) -> None:
        super().__init__()
        self.listening = listening
        self.shortcut = shortcut
        self.narrow = nn.Linear(map_px, config.width)
        self.keypoint_vectors = (
            nn.Parameter(torch.empty(num_keypoints, config.width))
            if config.keypoint_vectors
            else None
        )
        if self.keypoint_vectors is not None:
            nn.init.normal_(self.keypoint_vectors, std=0.02)
        self.blocks = nn.ModuleList(
            ReasoningBlock(config.width, config.heads, config.mlp_ratio)
            for _ in range(config.blocks)
        )
        self.norm = nn.LayerNorm(config.width)
        self.widen = nn.Linear(config.width, map_px)
        nn.init.zeros_(self.widen.weight)
        nn.init.zeros_(self.widen.bias)

    def forward(self, tokens: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Flattened maps (B, K, h * w) to the same, and the attention of every block.

        Args:
            tokens: of a base.
            mask: (B, K) in 0..1, how much each keypoint is listened to.

        Returns:
            Tokens, and weights (B, blocks, heads, K, K) as `ReasoningBlock` gives them.
        """
        masked, key_bias = self.listening(tokens, mask)
        inner = self.narrow(masked).relu()
        if self.keypoint_vectors is not None:
            inner = inner + self.keypoint_vectors
        attention = []
        for block in self.blocks:
            inner, weights = block(inner, key_bias)
            attention.append(weights)
        said: Tensor = self.shortcut(tokens, masked) + self.widen(self.norm(inner))
        return said, torch.stack(attention, dim=1)


def to_all(tokens: Tensor, mask: Tensor) -> tuple[Tensor, None]:
    """Every keypoint alike, whatever VisNet says (the paper's table 5, second row)."""
    return tokens, None


def to_masked_features(tokens: Tensor, mask: Tensor) -> tuple[Tensor, None]:
    """Hidden keypoints' features scaled down before anything else (eq. 4).

    The first layer norm takes much of the scaling back, since it knows no scale; what is left of
    a hidden keypoint is its own vector and the biases.
    """
    return tokens * mask[..., None], None


def with_attention_bias(tokens: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Hidden keypoints keep their features and are listened to less: log of the mask per key.

    Ours, not the paper's: beside a visible keypoint of the same logit a hidden one gets
    `softness` of the attention, in every block and whatever the scale of the features.
    """
    return tokens, mask.log()


def past_the_mask(tokens: Tensor, masked: Tensor) -> Tensor:
    """Every keypoint keeps its own map, as in the public code."""
    return tokens


def behind_the_mask(tokens: Tensor, masked: Tensor) -> Tensor:
    """A hidden keypoint keeps as little of its own map as others hear of it."""
    return masked


SHORTCUTS: Mapping[str, Shortcut] = {
    "maps": past_the_mask,
    "masked": behind_the_mask,
}

LISTENINGS: Mapping[str, Listening] = {
    "unmasked": to_all,
    "masked": to_masked_features,
    "attention_bias": with_attention_bias,
}


def reasoning_of(
    config: VisawareConfig, num_keypoints: int, map_px: int
) -> KeypointReasoning | None:
    """The reasoning a config asks for; None for the word `none`.

    Raises:
        UserError: the width cannot be shared out among the heads.
    """
    listening = LISTENINGS.get(config.reasoning)
    if listening is None:
        return None
    if config.width % config.heads:
        raise UserError(
            f"A token of {config.width} numbers cannot be shared out among {config.heads} heads.",
            remedy="Make the width a multiple of the heads.",
        )
    return KeypointReasoning(
        config,
        num_keypoints,
        map_px,
        listening=listening,
        shortcut=SHORTCUTS[config.shortcut],
    )
