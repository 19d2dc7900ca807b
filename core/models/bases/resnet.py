"""ResNet-50, -101, -152 (He et al. 2016), built by `transformers` from a config; no download."""

from torch import Tensor, nn

from core.models.bases.layers import channels

DEPTHS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}  # blocks per stage
WIDTHS = (256, 512, 1024, 2048)  # C2 to C5
STEM = 64


class ResNet(nn.Module):
    """The four stages, strides 4, 8, 16, 32; nothing that only a classifier needs.

    Weights have the names that `transformers` gives them (`embedder.*`, `encoder.stages.*`).

    Attributes:
        widths: channels of C2 to C5.
    """

    def __init__(self, depth: int, width: float) -> None:
        super().__init__()
        from transformers import ResNetConfig, ResNetModel  # takes seconds: only who needs it waits

        self.widths = tuple(channels(count, width) for count in WIDTHS)
        whole = ResNetModel(
            ResNetConfig(
                embedding_size=channels(STEM, width),
                hidden_sizes=list(self.widths),
                depths=list(DEPTHS[depth]),
            )
        )
        self.embedder = whole.embedder
        self.encoder = whole.encoder

    def forward(self, crops: Tensor) -> list[Tensor]:
        """(B, 3, H, W) to C2, C3, C4, C5."""
        features, levels = self.embedder(crops), []
        for stage in self.encoder.stages:
            features = stage(features)
            levels.append(features)
        return levels
