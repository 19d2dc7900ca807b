"""Layers that several bases are made of."""

from torch import Tensor, nn


def channels(count: int, width: float) -> int:
    """Channels of a layer that has `count` at width 1: a multiple of 8, at least 8."""
    return max(8, 8 * round(count * width / 8))


def conv_norm(
    channels_in: int,
    channels_out: int,
    kernel: int,
    *,
    stride: int = 1,
    bias: bool = False,
    relu: bool = True,
) -> nn.Sequential:
    """A convolution that keeps the size (but for its stride), batch norm, and ReLU if wanted."""
    layers: list[nn.Module] = [
        nn.Conv2d(channels_in, channels_out, kernel, stride, kernel // 2, bias=bias),
        nn.BatchNorm2d(channels_out),
    ]
    return nn.Sequential(*layers, nn.ReLU(inplace=True)) if relu else nn.Sequential(*layers)


class BasicBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut (He et al. 2016)."""

    expansion = 1

    def __init__(
        self, channels_in: int, channels_inner: int, *, stride: int = 1, bias: bool = False
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels_inner, 3, stride, 1, bias=bias)
        self.bn1 = nn.BatchNorm2d(channels_inner)
        self.conv2 = nn.Conv2d(channels_inner, channels_inner, 3, 1, 1, bias=bias)
        self.bn2 = nn.BatchNorm2d(channels_inner)
        self.downsample = _shortcut(channels_in, channels_inner, stride, bias)

    def forward(self, features: Tensor) -> Tensor:
        """(B, in, h, w) to (B, inner, h / stride, w / stride)."""
        inner = self.bn1(self.conv1(features)).relu()
        kept: Tensor = self.bn2(self.conv2(inner)) + self.downsample(features)
        return kept.relu()


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions beside a shortcut; the 3x3 has the stride (as torchvision)."""

    expansion = 4

    def __init__(
        self,
        channels_in: int,
        channels_inner: int,
        *,
        stride: int = 1,
        bias: bool = False,
        expansion: int = 4,
    ) -> None:
        super().__init__()
        channels_out = channels_inner * expansion
        self.conv1 = nn.Conv2d(channels_in, channels_inner, 1, bias=bias)
        self.bn1 = nn.BatchNorm2d(channels_inner)
        self.conv2 = nn.Conv2d(channels_inner, channels_inner, 3, stride, 1, bias=bias)
        self.bn2 = nn.BatchNorm2d(channels_inner)
        self.conv3 = nn.Conv2d(channels_inner, channels_out, 1, bias=bias)
        self.bn3 = nn.BatchNorm2d(channels_out)
        self.downsample = _shortcut(channels_in, channels_out, stride, bias)

    def forward(self, features: Tensor) -> Tensor:
        """(B, in, h, w) to (B, inner * expansion, h / stride, w / stride)."""
        inner = self.bn1(self.conv1(features)).relu()
        inner = self.bn2(self.conv2(inner)).relu()
        kept: Tensor = self.bn3(self.conv3(inner)) + self.downsample(features)
        return kept.relu()


def stage(
    block: type[BasicBlock] | type[Bottleneck],
    channels_in: int,
    channels_inner: int,
    count: int,
    *,
    stride: int = 1,
    bias: bool = False,
) -> nn.Sequential:
    """`count` blocks, the first of which has the stride."""
    blocks: list[nn.Module] = [block(channels_in, channels_inner, stride=stride, bias=bias)]
    out = channels_inner * block.expansion
    blocks += [block(out, channels_inner, bias=bias) for _ in range(count - 1)]
    return nn.Sequential(*blocks)


def resized(features: Tensor, target: Tensor) -> Tensor:
    """Brought to the target's height and width, bilinear between the centres of the corners."""
    if features.shape[-2:] == target.shape[-2:]:
        return features
    return nn.functional.interpolate(
        features, size=target.shape[-2:], mode="bilinear", align_corners=True
    )


def kaiming(network: nn.Module) -> nn.Module:
    """Fresh weights for layers followed by ReLU (He et al. 2015); the same network."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            if module.weight.is_meta:
                break  # a sketch has no numbers, and drawing them there is slow
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
    return network


def _shortcut(channels_in: int, channels_out: int, stride: int, bias: bool) -> nn.Module:
    if stride == 1 and channels_in == channels_out:
        return nn.Identity()
    return conv_norm(channels_in, channels_out, 1, stride=stride, bias=bias, relu=False)
