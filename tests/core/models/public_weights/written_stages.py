"""As `written`: MSPN of two stages, Hourglass and ViTPose, by the names of public code."""

from torch import Tensor
from torch.nn import functional

from tests.core.models.public_weights.written import (
    Sheet,
    Weights,
    block,
    blocks,
    conv,
    conv_norm,
    write_blocks,
)

COUNTS = (3, 4, 6, 3)


class AuthorsMspn:
    """megvii-research/MSPN, exps/mspn.2xstg.coco/network.py."""

    bias = True
    top = "top.conv"

    def body(self, stage: int, layer: int, place: int, number: int) -> tuple[str, str]:
        at = f"stage{stage}.downsample.layer{layer}.{place}.conv_bn_relu{number}"
        return f"{at}.conv", f"{at}.bn"

    def shortcut(self, stage: int, layer: int) -> str:
        return f"stage{stage}.downsample.layer{layer}.0.downsample"

    def unit(self, stage: int, number: int, part: str) -> str:
        return f"stage{stage}.upsample.up{number}.{part}"

    def head(self, stage: int, number: int, part: int) -> str:
        return f"stage{stage}.upsample.up{number}.res_conv{part + 1}"


class MmposeMspn:
    """open-mmlab/mmpose, backbones/mspn.py and heatmap_heads/mspn_head.py; 0.x has a prefix."""

    bias = False
    top = "backbone.top.top.0"
    parts = {"u_skip": "in_skip", "skip1": "out_skip1", "skip2": "out_skip2"}  # noqa: RUF012

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix

    def body(self, stage: int, layer: int, place: int, number: int) -> tuple[str, str]:
        at = f"backbone.multi_stage_mspn.{stage}.downsample.layer{layer}.{place}"
        return f"{at}.conv{number}", f"{at}.bn{number}"

    def shortcut(self, stage: int, layer: int) -> str:
        return f"backbone.multi_stage_mspn.{stage}.downsample.layer{layer}.0.downsample"

    def unit(self, stage: int, number: int, part: str) -> str:
        at = f"backbone.multi_stage_mspn.{stage}.upsample.up{number}"
        return f"{at}.{self.parts.get(part, part)}"

    def head(self, stage: int, number: int, part: int) -> str:
        return f"{self.prefix}head.predict_layers.{4 * stage + number - 1}.conv_layers.{part}"


Mspn = AuthorsMspn | MmposeMspn


def write_mspn(
    sheet: Sheet, names: Mspn, keypoints: int, *, stem: int = 8, stages: int = 2
) -> None:
    _write_pair(sheet, names, names.top, (3, stem, 7))
    for stage in range(stages):
        _write_down(sheet, names, stage, stem)
        for number in range(1, 5):
            hands_on = stage < stages - 1
            _write_unit(sheet, names, (stage, number), stem, keypoints, hands_on=hands_on)
        if stage < stages - 1:
            _write_pair(sheet, names, names.unit(stage, 4, "cross_conv"), (stem * 4, stem, 1))


def _write_pair(sheet: Sheet, names: Mspn, at: str, shape: tuple[int, int, int]) -> None:
    sheet.conv(f"{at}.conv", *shape, bias=names.bias)
    sheet.norm(f"{at}.bn", shape[1])


def _write_down(sheet: Sheet, names: Mspn, stage: int, stem: int) -> None:
    width = stem
    for layer, count in enumerate(COUNTS, start=1):
        inner = stem * 2 ** (layer - 1)
        _write_pair(sheet, names, names.shortcut(stage, layer), (width, 4 * inner, 1))
        for place in range(count):
            shapes = ((width, inner, 1), (inner, inner, 3), (inner, 4 * inner, 1))
            for number, shape in enumerate(shapes, start=1):
                to_conv, to_norm = names.body(stage, layer, place, number)
                sheet.conv(to_conv, *shape, bias=names.bias)
                sheet.norm(to_norm, shape[1])
            width = 4 * inner


def _write_unit(
    sheet: Sheet, names: Mspn, at: tuple[int, int], stem: int, keypoints: int, *, hands_on: bool
) -> None:
    level, pyramid = stem * 4 * 2 ** (4 - at[1]), stem * 4
    shapes = {"u_skip": (level, pyramid, 1)}
    if at[1] > 1:
        shapes["up_conv"] = (pyramid, pyramid, 1)
    if hands_on:
        shapes |= {"skip1": (level, level, 1), "skip2": (pyramid, level, 1)}
    for part, shape in shapes.items():
        _write_pair(sheet, names, names.unit(*at, part), shape)
    _write_pair(sheet, names, names.head(*at, 0), (pyramid, pyramid, 1))
    _write_pair(sheet, names, names.head(*at, 1), (pyramid, keypoints, 3))


def run_mspn(w: Weights, names: Mspn, x: Tensor) -> list[Tensor]:
    """Maps of every unit of both stages."""
    x = functional.max_pool2d(_pair(w, names.top, x, 2).relu(), 3, 2, 1)
    maps: list[Tensor] = []
    skips: list[Tensor] = []
    for stage in range(2):
        levels = _run_down(w, names, stage, x, skips)
        units = _run_up(w, names, stage, levels)
        for number, unit in enumerate(units, start=1):
            inner = _pair(w, names.head(stage, number, 0), unit).relu()
            maps.append(_resized(_pair(w, names.head(stage, number, 1), inner), units[-1]))
        if stage == 0:
            for place, level in enumerate(levels):
                beside = _pair(w, names.unit(0, 4 - place, "skip1"), level).relu()
                above = _pair(w, names.unit(0, 4 - place, "skip2"), units[3 - place]).relu()
                skips.append(beside + above)
            x = _pair(w, names.unit(0, 4, "cross_conv"), units[-1]).relu()
    return maps


def _pair(w: Weights, at: str, x: Tensor, stride: int = 1) -> Tensor:
    return conv_norm(w, (f"{at}.conv", f"{at}.bn"), x, stride)


def _resized(x: Tensor, like: Tensor) -> Tensor:
    return functional.interpolate(x, size=like.shape[-2:], mode="bilinear", align_corners=True)


def _run_down(w: Weights, names: Mspn, stage: int, x: Tensor, skips: list[Tensor]) -> list[Tensor]:
    levels = []
    for layer, count in enumerate(COUNTS, start=1):
        for place in range(count):
            stride = 2 if layer > 1 and place == 0 else 1
            y = x
            for number in (1, 2, 3):
                step = stride if number == 2 else 1
                y = conv_norm(w, names.body(stage, layer, place, number), y, step)
                y = y if number == 3 else y.relu()
            if place == 0:
                x = _pair(w, names.shortcut(stage, layer), x, stride)
            x = (y + x).relu()
        x = x + skips[layer - 1] if skips else x
        levels.append(x)
    return levels


def _run_up(w: Weights, names: Mspn, stage: int, levels: list[Tensor]) -> list[Tensor]:
    units: list[Tensor] = []
    for number in range(1, 5):
        level = levels[4 - number]
        up = _pair(w, names.unit(stage, number, "u_skip"), level)
        if units:
            below = _resized(units[-1], level)
            up = up + _pair(w, names.unit(stage, number, "up_conv"), below)
        units.append(up.relu())
    return units


# Hourglass: open-mmlab/mmpose, backbones/hourglass.py and heads of CPM

WIDTHS, BLOCKS = (32, 32, 48, 48, 48, 64), (2, 2, 2, 2, 2, 4)  # an eighth of the public ones


def write_hourglass(sheet: Sheet, keypoints: int, stacks: int, head: str) -> None:
    def pair(at: str, start: int, end: int, kernel: int) -> None:
        sheet.conv(f"{at}.conv", start, end, kernel)
        sheet.norm(f"{at}.bn", end)

    def level(at: str, widths: tuple[int, ...], counts: tuple[int, ...]) -> None:
        (width, inner), count = widths[:2], counts[0]
        write_blocks(sheet, f"{at}.up1", width, width, count, expansion=1, shortcut=False)
        write_blocks(sheet, f"{at}.low1", width, inner, count, expansion=1, shortcut=True)
        if len(widths) > 2:
            level(f"{at}.low2", widths[1:], counts[1:])
        else:
            write_blocks(sheet, f"{at}.low2", inner, inner, counts[1], expansion=1, shortcut=False)
        # Two blocks; the second one goes back to the width outside.
        write_blocks(sheet, f"{at}.low3", inner, inner, 1, expansion=1, shortcut=False)
        last = Sheet(seed=9)
        write_blocks(last, "last", inner, width, 1, expansion=1, shortcut=inner != width)
        for name, value in last.weights.items():
            sheet.weights[f"{at}.low3.1.{name.removeprefix('last.0.')}"] = value

    pair("backbone.stem.0", 3, 16, 7)
    write_blocks(sheet, "backbone.stem.1", 16, 32, 1, expansion=1, shortcut=True)
    for place in range(stacks):
        level(f"backbone.hourglass_modules.{place}", WIDTHS, BLOCKS)
        pair(f"backbone.out_convs.{place}", 32, 32, 3)
        sheet.conv(f"{head}.multi_final_layers.{place}", 32, keypoints, 1, bias=True)
    for place in range(stacks - 1):
        pair(f"backbone.conv1x1s.{place}", 32, 32, 1)
        pair(f"backbone.remap_convs.{place}", 32, 32, 1)
    # The toolbox always builds the first of these, also where none is asked for.
    write_blocks(sheet, "backbone.inters", 32, 32, max(1, stacks - 1), expansion=1, shortcut=False)


def run_hourglass(w: Weights, head: str, x: Tensor) -> list[Tensor]:
    def level(at: str, x: Tensor) -> Tensor:
        beside = blocks(w, f"{at}.up1", x)
        inner = blocks(w, f"{at}.low1", x, 2)
        deeper = f"{at}.low2.up1.0.conv1.weight" in w
        inner = level(f"{at}.low2", inner) if deeper else blocks(w, f"{at}.low2", inner)
        inner = blocks(w, f"{at}.low3", inner)
        return beside + functional.interpolate(inner, scale_factor=2)

    x = blocks(w, "backbone.stem.1", _pair(w, "backbone.stem.0", x, 2).relu(), 2)
    maps = []
    stacks = sum(f"backbone.out_convs.{place}.conv.weight" in w for place in range(9))
    for place in range(stacks):
        out = _pair(
            w, f"backbone.out_convs.{place}", level(f"backbone.hourglass_modules.{place}", x)
        )
        out = out.relu()
        maps.append(conv(w, f"{head}.multi_final_layers.{place}", out))
        if place < stacks - 1:
            kept = _pair(w, f"backbone.conv1x1s.{place}", x) + _pair(
                w, f"backbone.remap_convs.{place}", out
            )
            x = block(w, f"backbone.inters.{place}", kept.relu())
    return maps
