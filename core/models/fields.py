"""Dataclass fields that know what they may be: a config may come from a stranger. No torch.

A config class is frozen and made of these fields and of other configs; `core.models.config_bounds`
checks whatever is read against them. Checkpoints are read strictly: every field has to be there. A
field that comes when checkpoints have been written is `later(whole(...))`, with the default that
says what networks were before it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

BOUND = "bound"  # the keys in a field's metadata
LATER = "later"
CHOSEN = "chosen"
LONGEST_NAME = 100


class Bound(Protocol):
    """What a value may be."""

    def problem(self, value: object) -> str | None:
        """What is wrong with a value, to be put after its name; None if nothing is."""


@dataclass(frozen=True)
class NumberBound:
    """A number from `least` to `most`, both included."""

    least: float
    most: float
    whole: bool

    def problem(self, value: object) -> str | None:
        """As `Bound.problem`."""
        if not _is_number(value, whole=self.whole):
            return (
                f"is {said(value)}, which is not {'a whole number' if self.whole else 'a number'}"
            )
        assert isinstance(value, int | float)
        if self.least <= value <= self.most:
            return None
        return f"is {said(value)}, not from {self.least:g} to {self.most:g}"


@dataclass(frozen=True)
class ListBound:
    """A tuple of numbers, each from `least` to `most`."""

    counts: range  # how many
    each: NumberBound

    def problem(self, value: object) -> str | None:
        """As `Bound.problem`."""
        if not isinstance(value, tuple):
            return f"is {said(value)}, which is not a list"
        if len(value) in self.counts and all(self.each.problem(item) is None for item in value):
            return None
        few, many = self.counts[0], self.counts[-1]
        count = f"{few}" if few == many else f"{few} to {many}"
        kind = "whole numbers" if self.each.whole else "numbers"
        return f"is not {count} {kind} from {self.each.least:g} to {self.each.most:g}"


@dataclass(frozen=True)
class ChoiceBound:
    """One of some words."""

    words: tuple[str, ...]

    def problem(self, value: object) -> str | None:
        """As `Bound.problem`."""
        if isinstance(value, str) and value in self.words:
            return None
        return f"is {said(value)}, not one of {', '.join(self.words)}"


@dataclass(frozen=True)
class NamesBound:
    """A tuple of different names."""

    most: int

    def problem(self, value: object) -> str | None:
        """As `Bound.problem`."""
        if not isinstance(value, tuple):
            return f"is {said(value)}, which is not a list"
        if not 1 <= len(value) <= self.most:
            return f"has {len(value)} names, not 1 to {self.most}"
        if all(is_name(name) for name in value) and len(set(value)) == len(value):
            return None
        return "holds what is no name, or one name twice"


@dataclass(frozen=True)
class PairsBound:
    """A tuple of pairs of places counted from 0."""

    most: int  # places

    def problem(self, value: object) -> str | None:
        """As `Bound.problem`."""
        if not isinstance(value, tuple):
            return f"is {said(value)}, which is not a list"
        pair = ListBound(range(2, 3), NumberBound(0, self.most - 1, whole=True))
        if len(value) <= self.most**2 and all(pair.problem(each) is None for each in value):
            return None
        return f"is not a list of pairs of places, counted from 0 to {self.most - 1}"


@dataclass(frozen=True)
class Chosen:
    """A config of one of several classes.

    Attributes:
        classes: by word.
        by: the field beside it that holds the word; empty: the config's own `kind`.
    """

    classes: Mapping[str, type]
    by: str


@dataclass(frozen=True)
class SwitchBound:
    """True or false."""

    def problem(self, value: object) -> str | None:
        """As `Bound.problem`."""
        return None if isinstance(value, bool) else f"is {said(value)}, which is not true or false"


def whole(default: int, least: int, most: int) -> Any:
    """A field for a whole number."""
    return field(default=default, metadata={BOUND: NumberBound(least, most, whole=True)})


def number(default: float, least: float, most: float) -> Any:
    """A field for a number."""
    return field(default=default, metadata={BOUND: NumberBound(least, most, whole=False)})


def wholes(default: Sequence[int], least: int, most: int, *, counts: range | None = None) -> Any:
    """A field for a tuple of whole numbers, as many as the default's unless `counts` says so."""
    return _list(tuple(default), NumberBound(least, most, whole=True), counts)


def numbers(
    default: Sequence[float], least: float, most: float, *, counts: range | None = None
) -> Any:
    """A field for a tuple of numbers, as many as the default's unless `counts` says so."""
    return _list(tuple(default), NumberBound(least, most, whole=False), counts)


def choice(default: str, *words: str) -> Any:
    """A field for one of `words`."""
    assert default in words
    return field(default=default, metadata={BOUND: ChoiceBound(words)})


def switch(default: bool) -> Any:
    """A field for true or false."""
    return field(default=default, metadata={BOUND: SwitchBound()})


def names(default: Sequence[str], most: int) -> Any:
    """A field for a tuple of different names."""
    return field(default=tuple(default), metadata={BOUND: NamesBound(most)})


def pairs(default: Sequence[tuple[int, int]], most: int) -> Any:
    """A field for a tuple of pairs of places below `most`."""
    return field(default=tuple(default), metadata={BOUND: PairsBound(most)})


def word_of(classes: Mapping[str, type]) -> Mapping[str, Bound]:
    """The metadata of a field for one of the words of `classes`."""
    return {BOUND: ChoiceBound(tuple(classes))}


def chosen(classes: Mapping[str, type], *, by: str = "") -> Mapping[str, Chosen]:
    """The metadata of a field for a config of a class that a word says (see `Chosen`)."""
    return {CHOSEN: Chosen(classes, by)}


def later(bounded: Any) -> Any:
    """A field that older checkpoints do not have; they are read as if it held its default."""
    return field(default=bounded.default, metadata={**bounded.metadata, LATER: True})


def is_name(value: object) -> bool:
    """Whether this is a name: short, printable, not empty."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME and value.isprintable()


def said(value: object) -> str:
    """A value in a message, at most 60 characters of it."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _list(default: tuple[float, ...], each: NumberBound, counts: range | None) -> Any:
    counts = counts or range(len(default), len(default) + 1)
    return field(default=default, metadata={BOUND: ListBound(counts, each)})


def _is_number(value: object, *, whole: bool) -> bool:
    if isinstance(value, bool):
        return False
    # A whole number may be too large to ask whether it is finite.
    return isinstance(value, int) or (
        not whole and isinstance(value, float) and math.isfinite(value)
    )
