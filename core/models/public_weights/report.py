"""What became of every weight of a file."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

COUNTER = "num_batches_tracked"  # of a batch norm; old files leave it out


@dataclass(frozen=True)
class LoadReport:
    """Where the weights of a file went, and where those of the network come from.

    Attributes:
        layout: of the file, in words.
        matched: names of our network that the file fills.
        missing: names of our network that nothing fills.
        mismatched: names of both, with shapes, that do not fit.
        unused: names of the file to why they are left out.
        unknown: names of the file that its layout does not have.
        made: names of our network to what stands there because the layout has nothing.
    """

    layout: str
    matched: tuple[str, ...]
    missing: tuple[str, ...] = ()
    mismatched: tuple[str, ...] = ()
    unused: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    made: Mapping[str, str] = field(default_factory=dict)

    def problems(self) -> list[str]:
        """Everything because of which the weights cannot be used, one line each."""
        return [
            *(f"missing: {name}" for name in self.missing),
            *(f"of another shape: {line}" for line in self.mismatched),
            *(f"unknown: {name}" for name in self.unknown),
        ]

    def lines(self) -> list[str]:
        """The report for people; what is alike is counted."""
        lines = [f"Layout: {self.layout}.", f"{len(self.matched):,} weights taken."]
        for start, reasons in (("made", self.made), ("left out", self.unused)):
            counted = Counter(reasons.values())
            lines += [
                f"{count:,} {start}: {why} ({_example(reasons, why)})."
                for why, count in counted.items()
            ]
        return lines


def compared(
    wanted: Mapping[str, Tensor], weights: dict[str, Tensor], *, made: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...], dict[str, str]]:
    """What is missing and what has another shape; missing counters are put in as zeros.

    Args:
        wanted: the network's own weights, which may be without numbers.

    Returns:
        missing, mismatched, and `made` with the counters.
    """
    made = dict(made)
    for name in wanted:
        if name.endswith(COUNTER) and name not in weights:
            weights[name] = torch.zeros((), dtype=torch.int64)
            made[name] = "0: the file does not count the batches a batch norm has seen"
    missing = tuple(name for name in wanted if name not in weights)
    mismatched = tuple(
        f"{name} is {_shape(weights[name])}, the network has {_shape(value)}"
        for name, value in wanted.items()
        if name in weights and weights[name].shape != value.shape
    )
    return missing, mismatched, made


def _example(reasons: Mapping[str, str], why: str) -> str:
    return next(name for name, said in reasons.items() if said == why)


def _shape(tensor: Tensor) -> str:
    return "x".join(map(str, tensor.shape)) or "a single number"
