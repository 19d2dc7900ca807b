"""Weights as public code names them, and these networks written out once more, by names alone.

Nothing here knows of our networks: each function follows the public code it names.
"""

import torch
from torch import Tensor
from torch.nn import functional

Weights = dict[str, Tensor]


class Sheet:
    """Writes random weights under names; `counters` as torch from 0.4.1 on has them."""

    def __init__(self, *, counters: bool = True, seed: int = 0) -> None:
        self.weights: Weights = {}
        self._random = torch.Generator().manual_seed(seed)
        self._counters = counters

    def conv(self, name: str, start: int, end: int, kernel: int, *, bias: bool = False) -> None:
        spread = (start * kernel * kernel) ** -0.5
        self._put(f"{name}.weight", (end, start, kernel, kernel), spread)
        if bias:
            self._put(f"{name}.bias", (end,), 0.1)

    def linear(self, name: str, start: int, end: int) -> None:
        self._put(f"{name}.weight", (end, start), start**-0.5)
        self._put(f"{name}.bias", (end,), 0.1)

    def plain(self, name: str, *shape: int) -> None:
        self._put(name, shape, 0.2)

    def scale(self, name: str, width: int) -> None:
        self._put(f"{name}.weight", (width,), 0.1, 1.0)
        self._put(f"{name}.bias", (width,), 0.1)

    def norm(self, name: str, width: int) -> None:
        self.scale(name, width)
        self._put(f"{name}.running_mean", (width,), 0.1)
        spread = torch.rand(width, generator=self._random)
        self.weights[f"{name}.running_var"] = spread + 0.5
        if self._counters:
            self.weights[f"{name}.num_batches_tracked"] = torch.tensor(7)

    def _put(self, name: str, shape: tuple[int, ...], spread: float, middle: float = 0.0) -> None:
        self.weights[name] = middle + spread * torch.randn(shape, generator=self._random)


def conv(w: Weights, name: str, x: Tensor, stride: int = 1) -> Tensor:
    kernel = w[f"{name}.weight"]
    return functional.conv2d(x, kernel, w.get(f"{name}.bias"), stride, kernel.shape[-1] // 2)


def norm(w: Weights, name: str, x: Tensor) -> Tensor:
    return functional.batch_norm(
        x, w[f"{name}.running_mean"], w[f"{name}.running_var"], w[f"{name}.weight"],
        w[f"{name}.bias"],
    )  # fmt: skip


def conv_norm(w: Weights, names: tuple[str, str], x: Tensor, stride: int = 1) -> Tensor:
    return norm(w, names[1], conv(w, names[0], x, stride))


def block(w: Weights, name: str, x: Tensor, stride: int = 1) -> Tensor:
    """Of two convolutions or three; torchvision's names, also for the shortcut."""
    convolutions = 3 if f"{name}.conv3.weight" in w else 2
    strided = 2 if convolutions == 3 else 1
    y = x
    for place in range(1, convolutions + 1):
        names = (f"{name}.conv{place}", f"{name}.bn{place}")
        y = conv_norm(w, names, y, stride if place == strided else 1)
        if place < convolutions:
            y = y.relu()
    if f"{name}.downsample.0.weight" in w:
        x = conv_norm(w, (f"{name}.downsample.0", f"{name}.downsample.1"), x, stride)
    return (x + y).relu()


def blocks(w: Weights, name: str, x: Tensor, stride: int = 1) -> Tensor:
    count = len({key[len(name) + 1 :].split(".")[0] for key in w if key.startswith(f"{name}.")})
    for place in range(count):
        x = block(w, f"{name}.{place}", x, stride if place == 0 else 1)
    return x


def write_blocks(
    sheet: Sheet, name: str, start: int, inner: int, count: int, *, expansion: int, shortcut: bool
) -> int:
    """Torchvision's `layerN`; gives the channels at its end."""
    end = inner * expansion
    for place in range(count):
        at = f"{name}.{place}"
        if expansion == 1:
            shapes = [(start, inner, 3), (inner, inner, 3)]
        else:
            shapes = [(start, inner, 1), (inner, inner, 3), (inner, end, 1)]
        for number, (before, after, kernel) in enumerate(shapes, start=1):
            sheet.conv(f"{at}.conv{number}", before, after, kernel)
            sheet.norm(f"{at}.bn{number}", after)
        if place == 0 and shortcut:
            sheet.conv(f"{at}.downsample.0", start, end, 1)
            sheet.norm(f"{at}.downsample.1", end)
        start = end
    return start


# SimpleBaseline: microsoft/human-pose-estimation.pytorch, lib/models/pose_resnet.py


def write_resnet(sheet: Sheet, stem: int, counts: tuple[int, ...]) -> int:
    sheet.conv("conv1", 3, stem, 7)
    sheet.norm("bn1", stem)
    width = stem
    for place, count in enumerate(counts):
        width = write_blocks(
            sheet, f"layer{place + 1}", width, stem * 2**place, count, expansion=4, shortcut=True
        )
    return width


def write_sbl(
    sheet: Sheet, keypoints: int, *, stem: int = 8, counts: tuple[int, ...] = (3, 4, 6, 3)
) -> None:
    before, inner = write_resnet(sheet, stem, counts), stem * 4
    for place in (0, 3, 6):
        sheet.plain(f"deconv_layers.{place}.weight", before, inner, 4, 4)
        sheet.norm(f"deconv_layers.{place + 1}", inner)
        before = inner
    sheet.conv("final_layer", inner, keypoints, 1, bias=True)


def run_sbl(w: Weights, x: Tensor) -> Tensor:
    x = conv_norm(w, ("conv1", "bn1"), x, 2).relu()
    x = functional.max_pool2d(x, 3, 2, 1)
    for place in range(1, 5):
        x = blocks(w, f"layer{place}", x, 1 if place == 1 else 2)
    for place in (0, 3, 6):
        x = functional.conv_transpose2d(x, w[f"deconv_layers.{place}.weight"], None, 2, 1)
        x = norm(w, f"deconv_layers.{place + 1}", x).relu()
    return conv(w, "final_layer", x)


# SimCC: leeyegy/SimCC, lib/models


def write_simcc(sheet: Sheet, crop_wh: tuple[int, int], split: float) -> None:
    pixels = crop_wh[0] * crop_wh[1] // 16
    for axis, side in zip("xy", crop_wh, strict=True):
        sheet.linear(f"mlp_head_{axis}", pixels, int(side * split))


def run_simcc(w: Weights, maps: Tensor) -> tuple[Tensor, Tensor]:
    flat = maps.flatten(2)
    columns, rows = (
        functional.linear(flat, w[f"mlp_head_{axis}.weight"], w[f"mlp_head_{axis}.bias"])
        for axis in "xy"
    )
    return columns, rows


# HRNet: leoxiaobin/deep-high-resolution-net.pytorch, lib/models/pose_hrnet.py

MODULES = {2: 1, 3: 4, 4: 3}


def write_hrnet(sheet: Sheet, keypoints: int, *, stem: int = 8, width: int = 8) -> None:
    for place, start in ((1, 3), (2, stem)):
        sheet.conv(f"conv{place}", start, stem, 3)
        sheet.norm(f"bn{place}", stem)
    before = [write_blocks(sheet, "layer1", stem, stem, 4, expansion=4, shortcut=True)]
    for stage, count in MODULES.items():
        widths = [width * 2**place for place in range(stage)]
        for place, after in enumerate(widths):
            at = f"transition{stage - 1}.{place}"
            if place == len(before):
                _write_pair(sheet, f"{at}.0", before[-1], after, 3)
            elif before[place] != after:
                _write_pair(sheet, at, before[place], after, 3)
        for number in range(count):
            last = stage == 4 and number == count - 1
            _write_module(sheet, f"stage{stage}.{number}", widths, ends=1 if last else stage)
        before = widths
    sheet.conv("final_layer", width, keypoints, 1, bias=True)


def _write_module(sheet: Sheet, at: str, widths: list[int], *, ends: int) -> None:
    for place, width in enumerate(widths):
        write_blocks(sheet, f"{at}.branches.{place}", width, width, 4, expansion=1, shortcut=False)
    for end in range(ends):
        for start, width in enumerate(widths):
            to = f"{at}.fuse_layers.{end}.{start}"
            if start > end:
                _write_pair(sheet, to, width, widths[end], 1)
            for step in range(end - start):
                after = widths[end] if step == end - start - 1 else width
                _write_pair(sheet, f"{to}.{step}", width, after, 3)


def _write_pair(sheet: Sheet, at: str, start: int, end: int, kernel: int) -> None:
    sheet.conv(f"{at}.0", start, end, kernel)
    sheet.norm(f"{at}.1", end)


def run_hrnet(w: Weights, x: Tensor) -> Tensor:
    for place in (1, 2):
        x = conv_norm(w, (f"conv{place}", f"bn{place}"), x, 2).relu()
    levels = [blocks(w, "layer1", x)]
    for stage, count in MODULES.items():
        old, levels = levels, []
        for place in range(stage):
            at = f"transition{stage - 1}.{place}"
            if place == len(old):
                levels.append(conv_norm(w, (f"{at}.0.0", f"{at}.0.1"), old[-1], 2).relu())
            elif f"{at}.0.weight" in w:
                levels.append(conv_norm(w, (f"{at}.0", f"{at}.1"), old[place]).relu())
            else:
                levels.append(old[place])
        for number in range(count):
            levels = _run_module(w, f"stage{stage}.{number}", levels)
    return conv(w, "final_layer", levels[0])


def _run_module(w: Weights, at: str, levels: list[Tensor]) -> list[Tensor]:
    levels = [blocks(w, f"{at}.branches.{place}", level) for place, level in enumerate(levels)]
    mixed = []
    for end in range(len(levels)):
        if not any(key.startswith(f"{at}.fuse_layers.{end}.") for key in w):
            continue
        total = torch.zeros(())
        for start, level in enumerate(levels):
            to = f"{at}.fuse_layers.{end}.{start}"
            if start > end:
                level = conv_norm(w, (f"{to}.0", f"{to}.1"), level)
                level = functional.interpolate(level, scale_factor=2 ** (start - end))
            for step in range(end - start):
                level = conv_norm(w, (f"{to}.{step}.0", f"{to}.{step}.1"), level, 2)
                level = level if step == end - start - 1 else level.relu()
            total = total + level
        mixed.append(total.relu())
    return mixed


def under(prefixes: dict[str, str], weights: Weights) -> Weights:
    """The same with something before each name, by what the name begins with; "" for the rest."""
    return {
        next((p for start, p in prefixes.items() if name.startswith(start)), "") + name: value
        for name, value in weights.items()
    }
