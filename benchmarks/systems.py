"""Writes docs/systems.md: every network of the catalogue, its size, and what others say of it.

Parameters are counted, multiply-accumulates too, of one crop (or picture) through the network as it
stands: convolutions, transposed ones and products of matrices, nothing else. Both without a single
weight: on PyTorch's meta device.

`python benchmarks/systems.py` writes the file anew; `--print` prints it instead.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from core.models.catalog import sketch_model
from core.models.entries import ENTRIES
from core.models.entry import Entry
from core.models.model_config import ModelConfig

DOCUMENT = ROOT / "docs" / "systems.md"
CLOSE = 0.01  # of parameters or GMAC: what differs by more needs a remark
SUN = "authors of HRNet"
MMPOSE = "mmpose"
HUB = "size of the file on the Hub"


@dataclass(frozen=True)
class Published:
    """What others say of a network.

    Attributes:
        parameters_m: in millions.
        gmacs: of one crop, in 1e9; None where they do not say.
        by: who.
        why: where ours differs, why.
    """

    parameters_m: float
    gmacs: float | None
    by: str
    why: str = ""


# "GFLOPs" of mmpose (its docs/en/inference_speed_summary.md) are multiply-accumulates, norms and
# activations among them. HRNet's authors count otherwise (8.9 for sbl_r50, 7.1 for hrnet_w32), so
# their figure stands here for parameters alone.
PUBLISHED: Mapping[str, Published] = {
    "sbl_r50": Published(34.00, 5.46, MMPOSE),
    "sbl_r101": Published(52.99, 9.11, MMPOSE),
    "sbl_r152": Published(68.64, 12.77, MMPOSE),
    "hrnet_w32": Published(28.54, 7.70, MMPOSE),
    "hrnet_w48": Published(63.60, 15.77, MMPOSE),
    "mspn2": Published(56.80, 11.35, MMPOSE),
    "hourglass": Published(
        94.85, 28.67, MMPOSE, "Theirs also builds a block of 1.18 M weights that it never runs."
    ),
    "cpn_r50": Published(27.0, None, SUN),
    "metamodel_sbl_r50": Published(71.2, None, "paper 000"),
    "metamodel_efficientnet_b0": Published(55.6, None, "paper 000"),
    "metamodel_efficientnet_b6": Published(95.5, None, "paper 000"),
    "metamodel_mspn2": Published(104.6, None, "paper 000"),
    "vitpose_base_simple": Published(86.0, None, HUB),
    "vitpose_base": Published(90.0, None, HUB),
    "vitpose_plus_base": Published(125.5, None, HUB),
}
HEAD = """# Systems

Every network of the catalogue (`python -m app models`), written by `python benchmarks/systems.py`. GMAC are 1e9 multiply-accumulates of one crop, or of one picture for HybridPose, counted on the network as it stands: convolutions, transposed convolutions and matrix products. Published figures called FLOPs are multiply-accumulates as well; mmpose's include norms and activations, about 0.6 % more.

| network | what it is | input | parameters, M | GMAC | published |
| --- | --- | --- | ---: | ---: | --- |
"""  # noqa: E501


def parameters_of(model: ModelConfig) -> int:
    """How many weights a network has."""
    return sum(weight.numel() for weight in sketch_model(model).parameters())


@torch.no_grad()
def macs_of(model: ModelConfig) -> int:
    """Multiply-accumulates of one crop or picture."""
    width, height = model.crop_size_wh_px
    network = sketch_model(model).eval()
    with FlopCounterMode(display=False) as counter:
        network(torch.zeros(1, 3, height, width, device="meta"))
    return int(counter.get_total_flops()) // 2


def first_cells(name: str, entry: Entry) -> str:
    """The beginning of a network's row: all that is cheap to count."""
    model = entry.model
    base = getattr(model.network, "base", None)
    what = f"{model.family} on {base.name}" if base and model.family != "plain" else model.family
    width, height = model.crop_size_wh_px
    return f"| `{name}` | {what}, {model.codec.kind} | {width}x{height} | {millions(entry)} |"


def millions(entry: Entry) -> str:
    """Parameters as the table shows them."""
    return f"{parameters_of(entry.model) / 1e6:.2f}"


def published_words(name: str) -> str:
    """What others say, in a cell."""
    known = PUBLISHED.get(name)
    if known is None:
        return ""
    gmacs = f", {known.gmacs:.2f} GMAC" if known.gmacs else ""
    return f"{known.parameters_m:.1f} M{gmacs} ({known.by})"


def remarks() -> Iterator[str]:
    """Why figures differ, and what a reader has to know of a network, a line for each."""
    for name, entry in ENTRIES.items():
        known = PUBLISHED.get(name)
        words = [known.why] if known and known.why else []
        words += [entry.note] if entry.note else []
        if words:
            yield f"* `{name}`: {' '.join(words)}"


def document() -> str:
    """The whole file."""
    rows = [
        f"{first_cells(name, entry)} {macs_of(entry.model) / 1e9:.2f} | {published_words(name)} |"
        for name, entry in ENTRIES.items()
    ]
    notes = "\n".join(remarks())
    return f"{HEAD}{chr(10).join(rows)}\n\n## Where figures differ\n\n{notes}\n"


def main() -> None:
    """Write the file, or print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--print", action="store_true", dest="prints")
    if parser.parse_args().prints:
        print(document(), end="")
    else:
        DOCUMENT.write_text(document())


if __name__ == "__main__":
    main()
