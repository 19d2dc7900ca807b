"""Layers of a YOLOv5 body, built from their published description."""

import torch
from torch import Tensor, nn

BATCH_NORM_EPS = 1e-3  # YOLOv5's


class ConvUnit(nn.Sequential):
    """Convolution without bias, batch norm, SiLU; keeps the size at stride 1."""

    def __init__(self, inputs: int, outputs: int, size: int = 1, *, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False),
            nn.BatchNorm2d(outputs, eps=BATCH_NORM_EPS),
            nn.SiLU(),
        )


class Focus(nn.Module):
    """Four neighbours of every other pixel side by side, then a convolution: half the size."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.conv = ConvUnit(12, outputs, 3)

    def forward(self, pictures: Tensor) -> Tensor:
        """(B, 3, H, W) to (B, outputs, H / 2, W / 2)."""
        even, odd = pictures[..., ::2, :], pictures[..., 1::2, :]
        # Upper left, lower left, upper right, lower right: the order of public YOLOv5 weights.
        parts = [even[..., ::2], odd[..., ::2], even[..., 1::2], odd[..., 1::2]]
        found: Tensor = self.conv(torch.cat(parts, dim=1))  # (B, 12, H / 2, W / 2) inside
        return found


class Bottleneck(nn.Module):
    """1x1 and 3x3 convolution, with the input added where `shortcut`."""

    def __init__(self, channels: int, *, shortcut: bool) -> None:
        super().__init__()
        self.reduce = ConvUnit(channels, channels)
        self.expand = ConvUnit(channels, channels, 3)
        self.shortcut = shortcut

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, h, w) to the same shape."""
        found: Tensor = self.expand(self.reduce(features))
        return features + found if self.shortcut else found


class C3(nn.Module):
    """A cross-stage block: half the channels go through bottlenecks, half go past them."""

    def __init__(self, inputs: int, outputs: int, blocks: int, *, shortcut: bool) -> None:
        super().__init__()
        half = outputs // 2
        self.through = nn.Sequential(
            ConvUnit(inputs, half), *(Bottleneck(half, shortcut=shortcut) for _ in range(blocks))
        )
        self.past = ConvUnit(inputs, half)
        self.merge = ConvUnit(2 * half, outputs)

    def forward(self, features: Tensor) -> Tensor:
        """(B, inputs, h, w) to (B, outputs, h, w)."""
        found: Tensor = self.merge(torch.cat([self.through(features), self.past(features)], dim=1))
        return found


class PyramidPool(nn.Module):
    """SPP: the features beside their maxima over windows of several sizes."""

    def __init__(self, channels: int, windows: tuple[int, ...]) -> None:
        super().__init__()
        half = channels // 2
        self.reduce = ConvUnit(channels, half)
        self.pools = nn.ModuleList(nn.MaxPool2d(size, 1, size // 2) for size in windows)
        self.merge = ConvUnit(half * (len(windows) + 1), channels)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, h, w) to the same shape."""
        reduced = self.reduce(features)
        pooled = [pool(reduced) for pool in self.pools]
        found: Tensor = self.merge(torch.cat([reduced, *pooled], dim=1))
        return found
