"""Configs as JSON and back, on classes of this test alone."""

from dataclasses import dataclass, field
from typing import ClassVar

import pytest

from core.models.config_json import as_json, read_object
from core.models.fields import (
    choice,
    chosen,
    later,
    names,
    number,
    numbers,
    pairs,
    switch,
    whole,
    wholes,
    word_of,
)


@dataclass(frozen=True)
class Round:
    kind: ClassVar[str] = "round"
    radius: float = number(1.0, 0, 10)


@dataclass(frozen=True)
class Square:
    kind: ClassVar[str] = "square"
    side: int = whole(1, 1, 9)


@dataclass(frozen=True)
class Box:
    size: tuple[int, int] = wholes((1, 2), 0, 9)
    colour: str = later(choice("red", "red", "blue"))


@dataclass(frozen=True)
class Crate:
    size: tuple[float, ...] = numbers((1.5,), 0, 9, counts=range(1, 4))


SHAPES = {"round": Round, "square": Square}
HOLDERS = {"box": Box, "crate": Crate}


@dataclass(frozen=True)
class Toy:
    holder: str = field(metadata=word_of(HOLDERS))
    held_by: Box | Crate = field(metadata=chosen(HOLDERS, by="holder"))
    shape: Round | Square = field(metadata=chosen(SHAPES))
    inner: Box = field(default_factory=Box)
    parts: tuple[str, ...] = names(("a", "b"), 3)
    edges: tuple[tuple[int, int], ...] = pairs(((0, 1),), 3)
    loud: bool = switch(False)
    note: str = ""


TOY = Toy("crate", Crate((1.0, 2.0)), Square(3))
JSON = {
    "holder": "crate",
    "held_by": {"size": [1.0, 2.0]},
    "shape": {"kind": "square", "side": 3},
    "inner": {"size": [1, 2], "colour": "red"},
    "parts": ["a", "b"],
    "edges": [[0, 1]],
    "loud": False,
    "note": "",
}


def read(**changes) -> tuple[Toy | None, list[str]]:
    problems: list[str] = []
    kept = {name: value for name, value in (JSON | changes).items() if value is not ...}
    return read_object(kept, Toy, "toy", problems), problems


def test_a_config_is_written_with_the_kind_of_each_part_that_has_one():
    assert as_json(TOY) == JSON


def test_what_was_written_is_read():
    assert read() == (TOY, [])


def test_a_field_that_came_later_has_its_default_where_it_is_missing():
    found, problems = read(inner={"size": [1, 2]})
    assert (found, problems) == (TOY, [])
    _, problems = read(inner={"colour": "green"})
    assert problems == [
        "toy.inner.size is missing", "toy.inner.colour is 'green', not one of red, blue",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"note": ...}, "toy.note is missing"),
        ({"noise": 1}, "toy.noise is unknown"),
        ({"note": 3}, "toy.note is 3, which is not text"),
        ({"holder": "bag"}, "toy.holder is 'bag', not one of box, crate"),
        ({"held_by": {"size": []}}, "toy.held_by.size is not 1 to 3 numbers from 0 to 9"),
        ({"held_by": 3}, "toy.held_by is not an object"),
        ({"shape": {"side": 3}}, "toy.shape.kind is missing"),
        ({"shape": {"kind": "oval"}}, "toy.shape.kind is 'oval', not one of round, square"),
        ({"shape": "round"}, "toy.shape is not an object"),
        ({"shape": {"kind": "round", "radius": True}},
         "toy.shape.radius is True, which is not a number"),
        ({"shape": {"kind": "round", "radius": 10**400}},
         f"toy.shape.radius is {str(10**400)[:57]}..., not from 0 to 10"),
        ({"parts": []}, "toy.parts has 0 names, not 1 to 3"),
        ({"parts": ["a", "a"]}, "toy.parts holds what is no name, or one name twice"),
        ({"edges": [[0, 3]]}, "toy.edges is not a list of pairs of places, counted from 0 to 2"),
        ({"loud": "yes"}, "toy.loud is 'yes', which is not true or false"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_with_its_full_path(changes, said):
    assert read(**changes) == (None, [said])


def test_everything_that_does_not_fit_is_said_at_once():
    _, problems = read(holder=7, shape={"kind": "square", "side": 0}, loud=...)
    assert problems == [
        "toy.loud is missing",
        "toy.holder is 7, not one of box, crate",
        "toy.shape.side is 0, not from 1 to 9",
    ]
