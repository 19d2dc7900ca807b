"""Parts: what a person in a scene consists of and how its parts are told apart in the picture."""

from dataclasses import dataclass
from enum import IntEnum

from core.data.drawn.body import Bones, Build
from core.data.drawn.clothes import Outfit
from core.data.drawn.faces import Face


class Part(IntEnum):
    """Parts of a person, as told apart in the picture."""

    TORSO = 0
    HEAD = 1
    NOSE = 2
    LEFT_EAR = 3
    RIGHT_EAR = 4
    HAIR = 5
    HAT = 6
    LEFT_ARM = 7
    RIGHT_ARM = 8
    LEFT_HAND = 9
    RIGHT_HAND = 10
    LEFT_LEG = 11
    RIGHT_LEG = 12
    LEFT_FOOT = 13
    RIGHT_FOOT = 14
    SKIRT = 15


PARTS_PER_PERSON = 16
MAX_PERSONS = 8


def thing_of(person: int, part: Part) -> int:
    """The number a part of a person (from 0) has in the picture; 0 is the background."""
    return 1 + person * PARTS_PER_PERSON + int(part)


@dataclass(frozen=True)
class Figure:
    """One person to draw.

    Attributes:
        number: place among the persons of the scene, from 0.
    """

    number: int
    build: Build
    bones: Bones
    outfit: Outfit
    face: Face
    hair_style: str
    pose: str


def thickness(build: Build) -> float:
    """Factor on every thickness of the body, 1 at 1.75 m and average girth."""
    return build.height_m / 1.75 * build.girth * (1.08 if build.child else 1.0)
