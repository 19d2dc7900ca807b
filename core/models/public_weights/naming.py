"""From the names weights have in a public file to those of our networks."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

# The beginning of a name, and what stands there instead; what follows is kept.
Rule = tuple[str, str | Callable[[re.Match[str]], str]]

# Of no use to any of our networks, and why.
LEFT_BY_ALL: Mapping[str, str] = {
    r"(fc|classifier)\.": "a classifier, which keypoints do not need",
    r"data_preprocessor\.": "preprocessing, which the layout's own stands for",
    r"(keypoint_)?head\.loss_module\.": "a loss, which training alone needs",
}
BACKBONE = r"^(?:backbone\.)?"
HEAD = r"^(?:keypoint_head\.|head\.(?:deconv_head\.)?)?"


class Renamed(NamedTuple):
    """What became of the names of a file.

    Attributes:
        names: ours to the file's.
        left: the file's to why they are left out.
        unknown: the file's, in its order.
    """

    names: dict[str, str]
    left: dict[str, str]
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class Naming:
    """Rules for the names of one layout; the first that fits a name is taken."""

    rules: tuple[Rule, ...]
    left: Mapping[str, str]

    def of(self, names: Iterable[str]) -> Renamed:
        """Every name, renamed, left out or unknown.

        A second name that would become one already taken is unknown.
        """
        kept: dict[str, str] = {}
        left: dict[str, str] = {}
        unknown: list[str] = []
        for name in names:
            new = self._new(name)
            why = self._why_left(name)
            if new is not None and new not in kept:
                kept[new] = name
            elif why is not None:
                left[name] = why
            else:
                unknown.append(name)
        return Renamed(kept, left, tuple(unknown))

    def _new(self, name: str) -> str | None:
        for pattern, put in self.rules:
            found = re.match(pattern, name)
            if found:
                start = put(found) if callable(put) else found.expand(put)
                return start + name[found.end() :]
        return None

    def _why_left(self, name: str) -> str | None:
        reasons = {**self.left, **LEFT_BY_ALL}
        return next((why for pattern, why in reasons.items() if re.match(pattern, name)), None)


def of_resnet(into: str) -> tuple[Rule, ...]:
    """Rules from torchvision's names of a ResNet, which nearly everybody has, to `transformers`'.

    Args:
        into: what our names begin with, a dot at its end.
    """
    place = rf"{BACKBONE}layer(\d+)\.(\d+)\."

    def block(found: re.Match[str]) -> str:
        stage, number = int(found[1]) - 1, found[2]
        return f"{into}encoder.stages.{stage}.layers.{number}."

    def inner(kind: str) -> Callable[[re.Match[str]], str]:
        return lambda found: f"{block(found)}layer.{int(found[3]) - 1}.{kind}."

    def beside(kind: str) -> Callable[[re.Match[str]], str]:
        return lambda found: f"{block(found)}shortcut.{kind}."

    return (
        (rf"{BACKBONE}conv1\.", f"{into}embedder.embedder.convolution."),
        (rf"{BACKBONE}bn1\.", f"{into}embedder.embedder.normalization."),
        (rf"{place}conv([123])\.", inner("convolution")),
        (rf"{place}bn([123])\.", inner("normalization")),
        (rf"{place}downsample\.0\.", beside("convolution")),
        (rf"{place}downsample\.1\.", beside("normalization")),
    )
