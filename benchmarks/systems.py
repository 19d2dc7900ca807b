"""Writes docs/systems.md: every network of the catalogue, its size, and what others say of it.

Parameters are counted, multiply-accumulates too, of one crop (or picture) through the network as it
stands: convolutions, transposed ones and products of matrices. Norms, activations, pooling,
additions and decoding are not. Both without a single weight: on PyTorch's meta device.

`python benchmarks/systems.py` writes the file anew, `--check` says which lines of it are old.
"""

import argparse
import difflib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from core.models.catalog import sketch_model
from core.models.entries import ENTRIES
from core.models.entry import Entry
from core.models.model_config import ModelConfig
from core.models.outputs import PoseOutput

DOCUMENT = ROOT / "docs" / "systems.md"
CLOSE = 0.015  # of a figure: what differs by more needs a remark
SUN, MMPOSE, HUB = "HRNet's authors", "mmpose", "its file on the Hub"
YOLO, VITPOSE = "YOLOv5, body alone", "encoder alone, its authors' configurations"
GUESDON = "paper 000"
_SAID = {
    "flag_logits": "flags", "presence_logits": "presence", "visible_logits": "visible",
    "similarity_logits": "similarity",
}  # fmt: skip


@dataclass(frozen=True)
class Published:
    """What others say of a network.

    Attributes:
        parameters_m: in millions.
        gmacs: of one crop, in 1e9; None where they do not say. Of `SUN` in their way of counting.
        by: who.
        why: where ours differs, why.
    """

    parameters_m: float
    gmacs: float | None
    by: str
    why: str = ""


BODY = "The figure is of the body with the head of 80 classes that YOLOv5 gives it."
ENCODER = "The figure is of the encoder, ours has the decoder too; theirs is rounded."
# "GFLOPs" of mmpose (docs/en/inference_speed_summary.md) and of HRNet's authors (README of
# deep-high-resolution-net, "convolution and linear layers only").
PUBLISHED: Mapping[str, tuple[Published, ...]] = {
    "sbl_r50": (Published(34.00, 5.46, MMPOSE), Published(34.0, 8.9, SUN)),
    "sbl_r101": (Published(52.99, 9.11, MMPOSE), Published(53.0, 12.4, SUN)),
    "sbl_r152": (Published(68.64, 12.77, MMPOSE), Published(68.6, 15.7, SUN)),
    "hrnet_w32": (Published(28.54, 7.70, MMPOSE), Published(28.5, 7.1, SUN)),
    "hrnet_w48": (Published(63.60, 15.77, MMPOSE), Published(63.6, 14.6, SUN)),
    "mspn2": (Published(56.80, 11.35, MMPOSE),),
    "hourglass": (
        Published(
            94.85, 28.67, MMPOSE, "Theirs also builds a block of 1.18 M weights that it never runs."
        ),
    ),
    "cpn_r50": (Published(27.0, None, SUN),),
    "metamodel_sbl_r50": (Published(71.2, None, GUESDON),),
    "metamodel_efficientnet_b0": (Published(55.6, None, GUESDON),),
    "metamodel_efficientnet_b6": (Published(95.5, None, GUESDON),),
    "metamodel_mspn2": (Published(104.6, None, GUESDON),),
    "hybridpose_s": (Published(12.7, None, YOLO, BODY),),
    "hybridpose_m": (Published(35.9, None, YOLO, BODY),),
    "hybridpose_l": (Published(77.2, None, YOLO, BODY),),
    "vitpose_small": (Published(22.0, None, VITPOSE, ENCODER),),
    "vitpose_base": (Published(90.0, None, HUB), Published(86.0, None, VITPOSE, ENCODER)),
    "vitpose_large": (Published(304.0, None, VITPOSE, ENCODER),),
    "vitpose_huge": (Published(632.0, None, VITPOSE, ENCODER),),
    "vitpose_base_simple": (Published(86.0, None, HUB),),
    "vitpose_plus_base": (Published(125.5, None, HUB),),
}
HEAD = """# Systems

Every network of the catalogue (`python -m app models`), written by `python benchmarks/systems.py`.

| network | from | what it says | input | parameters, M | GMAC | published |
| --- | --- | --- | --- | ---: | ---: | --- |
"""
COUNTING = """
## How it is counted

GMAC are 1e9 multiply-accumulates of one crop, or of one picture for HybridPose: convolutions, transposed convolutions and products of matrices of the network as it stands. Norms, activations, pooling, additions, cutting out and decoding are not counted; an operation counted as a multiplication and an addition would be twice as many FLOPs.

Published figures called "GFLOPs" are multiply-accumulates as well. mmpose's include norms and activations, about 0.6 % more. HRNet's authors count in units of 2^30, and a transposed convolution as if each of its output pixels took the whole kernel, four times too much: counted like that, the networks here come within 1.1 % of all five of their figures.

Where a figure is missing, none was found: of all parameters in papers 001 to 004 only those of VisNet are told (less than 1 MB, paper 001), none in the README of KAPAO, which paper 002 builds on.

## Where figures differ

"""  # noqa: E501


@dataclass(frozen=True)
class Count:
    """What was counted of a network.

    Attributes:
        macs: multiply-accumulates of one crop or picture.
        by_output_pixel: macs, but of transposed convolutions the whole kernel per output pixel.
        says: what its output holds.
    """

    macs: int
    by_output_pixel: int
    says: tuple[str, ...]


def parameters_of(model: ModelConfig) -> int:
    """How many weights a network has."""
    return sum(weight.numel() for weight in sketch_model(model).parameters())


def macs_of(model: ModelConfig) -> int:
    """Multiply-accumulates of one crop or picture."""
    return counted(model).macs


@lru_cache
@torch.no_grad()
def counted(model: ModelConfig) -> Count:
    """One crop or picture through a network without numbers."""
    width, height = model.crop_size_wh_px
    network = sketch_model(model).eval()
    more = 0

    def of_strides(module: nn.ConvTranspose2d, inputs: tuple[Tensor], output: Tensor) -> None:
        nonlocal more
        each = module.weight.numel() // module.groups
        more += each * (output[0, 0].numel() - inputs[0][0, 0].numel())

    for module in network.modules():
        if isinstance(module, nn.ConvTranspose2d):
            module.register_forward_hook(of_strides)
    with FlopCounterMode(display=False) as counter:
        said = network(torch.zeros(1, 3, height, width, device="meta"))
    macs = int(counter.get_total_flops()) // 2
    return Count(macs, macs + more, _said_by(said))


def _said_by(output: object) -> tuple[str, ...]:
    if not isinstance(output, PoseOutput):
        return "people", "places", "maps"
    said = output._asdict()
    return "places", *(word for name, word in _SAID.items() if said[name] is not None)


def says(model: ModelConfig) -> tuple[str, ...]:
    """What a network says, by its description alone."""
    similarity = getattr(model.network, "similarity_net", "none") != "none"
    known: Mapping[str, tuple[str, ...]] = {
        "metamodel": ("places", "flags"),
        "visaware": ("places", "visible"),
        "oahpe": ("places", "presence", *(["similarity"] if similarity else [])),
        "hpcvnet": ("places", "presence", "similarity"),
        "hybridpose": ("people", "places", "maps"),
    }
    return known.get(model.family, ("places",))


def first_cells(name: str, entry: Entry) -> str:
    """The beginning of a network's row: all that is cheap to count."""
    model = entry.model
    width, height = model.crop_size_wh_px
    cells = [f"`{name}`", entry.source, ", ".join(says(model)), f"{width}x{height}"]
    return f"| {' | '.join(cells)} | {parameters_of(model) / 1e6:.2f} |"


def published_words(name: str) -> str:
    """What others say, in a cell."""
    return "; ".join(
        f"{each.parameters_m:.1f} M{f', {each.gmacs:.2f} G' if each.gmacs else ''} ({each.by})"
        for each in PUBLISHED.get(name, ())
    )


def off(name: str, *, parameters: int, count: Count) -> list[Published]:
    """Published figures that ours differ from by more than `CLOSE`, counted as they were."""
    found = []
    for known in PUBLISHED.get(name, ()):
        macs = count.by_output_pixel / 2**30 if known.by == SUN else count.macs / 1e9
        far = abs(parameters / 1e6 / known.parameters_m - 1) > CLOSE
        far |= known.gmacs is not None and abs(macs / known.gmacs - 1) > CLOSE
        found += [known] if far else []
    return found


def remarks() -> Iterator[str]:
    """Why figures differ, and what a reader has to know of networks, a line for each reason."""
    names: dict[str, list[str]] = {}
    for name, entry in ENTRIES.items():
        for words in (*(known.why for known in PUBLISHED.get(name, ())), entry.note):
            if words:
                names.setdefault(words, []).append(f"`{name}`")
    return (f"* {', '.join(of)}: {words}" for words, of in names.items())


def document() -> str:
    """The whole file."""
    rows = [
        f"{first_cells(name, entry)} {macs_of(entry.model) / 1e9:.2f} | {published_words(name)} |"
        for name, entry in ENTRIES.items()
    ]
    return f"{HEAD}{chr(10).join(rows)}\n{COUNTING}{chr(10).join(remarks())}\n"


def main() -> int:
    """Write the file, or tell what is old in it; the exit code is 1 if something is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    new = document()
    if not parser.parse_args().check:
        DOCUMENT.write_text(new)
        return 0
    old = DOCUMENT.read_text().splitlines() if DOCUMENT.is_file() else []
    changed = [
        line
        for line in difflib.unified_diff(old, new.splitlines(), "kept", "counted", lineterm="", n=0)
        if line.startswith(("+", "-"))
    ]
    print("\n".join(changed) or f"{DOCUMENT.name} is as it would be written.")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
