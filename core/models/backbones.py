"""Feature extractors."""

from collections.abc import Sequence

from torch import Tensor, nn


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut (He et al. 2016, basic block)."""

    def __init__(self, channels_in: int, channels_out: int, *, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels_out)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels_out)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or channels_in != channels_out:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels_in, channels_out, 1, stride, bias=False),
                nn.BatchNorm2d(channels_out),
            )

    def forward(self, features: Tensor) -> Tensor:
        """(B, in, h, w) to (B, out, h / stride, w / stride)."""
        inner = self.norm1(self.conv1(features)).relu()
        kept: Tensor = self.norm2(self.conv2(inner)) + self.shortcut(features)
        return kept.relu()


class TinyResNet(nn.Module):
    """A residual net for two CPU cores: strides 4, 8, 16, 32."""

    def __init__(self, widths: Sequence[int], blocks: Sequence[int]) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 24, 3, 2, 1, bias=False),
            nn.BatchNorm2d(24),
            nn.ReLU(inplace=True),
            nn.Conv2d(24, widths[0], 3, 2, 1, bias=False),
            nn.BatchNorm2d(widths[0]),
            nn.ReLU(inplace=True),
        )
        stages, channels = [], widths[0]
        for level, (width, count) in enumerate(zip(widths, blocks, strict=True)):
            stage: list[nn.Module] = []
            for place in range(count):
                stride = 2 if level > 0 and place == 0 else 1
                stage.append(ResidualBlock(channels, width, stride=stride))
                channels = width
            stages.append(nn.Sequential(*stage))
        self.stages = nn.ModuleList(stages)

    def forward(self, crops: Tensor) -> list[Tensor]:
        """(B, 3, H, W) to four feature maps, finest first."""
        features, levels = self.stem(crops), []
        for stage in self.stages:
            features = stage(features)
            levels.append(features)
        return levels
