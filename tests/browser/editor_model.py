"""What the editor should do with each key, written a second time and apart from it.

For a queue of people whom one annotator goes through with a run that knows every keypoint.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.data.listing import Person
from core.data.skeleton import COCO17

Place = tuple[float, float]
DIGITS = {f"{how}{v}": v for how in ("", "Numpad", "Shift+Digit") for v in range(3)}
STEPS = {"Tab": 1, "ArrowDown": 1, "Shift+Tab": -1, "ArrowUp": -1}
NUDGES = {
    f"Alt+{shift}Arrow{way}": (dx * px, dy * px)
    for way, dx, dy in (("Left", -1, 0), ("Right", 1, 0), ("Up", 0, -1), ("Down", 0, 1))
    for shift, px in (("", 1), ("Shift+", 10))
}
GROUPS = {"h": "head", "l": "left", "r": "right", "a": "all"}


@dataclass(frozen=True)
class Point:
    """A label as it is now; `step` is the number of the step that made it so, 0 for none."""

    x: float
    y: float
    v: int
    reviewed: bool = False
    step: int = 0


@dataclass
class Ghost:
    v: int
    place: Place
    stay: bool


@dataclass
class Open:
    """A person as the editor has it open."""

    given: list[Point]
    points: list[Point]
    model_places: list[Place]
    model_flags: list[int]
    active: int = 0
    ghost: Ghost | None = None
    group: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Step:
    number: int
    person: int
    before: Mapping[int, Point]
    after: Mapping[int, Point]


@dataclass
class EditorModel:
    """Presses keys as the editor would.

    Attributes:
        order: annotation ids of the queue.
        beside: annotation ids of everybody on the photo of each.
    """

    order: Sequence[int]
    beside: Mapping[int, Sequence[int]]
    size_wh_px: tuple[int, int]
    persons: dict[int, Open]
    at: int
    done: list[Step] = field(default_factory=list)
    undone: list[Step] = field(default_factory=list)
    steps: int = 0

    def press(self, *keys: str) -> None:
        """One thing an annotator does: a key, or G with its letter and a decision."""
        if keys[0] == "g":
            self._choose_group(GROUPS[keys[1]])
            keys = keys[2:]
        for key in keys:
            self._press(key)

    @property
    def waits_for_a_place(self) -> bool:
        """Whether a flag was pressed for a keypoint that has no place yet."""
        return self._person.ghost is not None

    def is_beyond_the_end(self, key: str) -> bool:
        """Whether a key would go on where the queue ends, or back where it begins."""
        end = {"ArrowRight": self.order[-1], "ArrowLeft": self.order[0]}
        return end.get(key) == self.at

    def _press(self, key: str) -> None:
        if key in DIGITS:
            self._set(DIGITS[key], stay=key.startswith("Shift"))
        elif key in STEPS:
            self._pick(STEPS[key])
        elif key in NUDGES:
            self._nudge(*NUDGES[key])
        elif key in ("ArrowRight", "ArrowLeft"):
            by = 1 if key == "ArrowRight" else -1
            self._open(self.order[self.order.index(self.at) + by])
        elif key in ("n", "p"):
            beside = self.beside[self.at]
            here = beside.index(self.at) + (1 if key == "n" else -1)
            self._open(beside[here % len(beside)])
        else:
            named = {
                "Enter": self._accept, "Space": self._keep, "x": self._unsure,
                "Control+z": self._undo, "Control+Shift+z": self._redo, "Escape": self._escape,
            }  # fmt: skip
            named[key]()

    @property
    def _person(self) -> Open:
        return self.persons[self.at]

    def _open(self, annotation_id: int) -> None:
        if annotation_id != self.at:
            self.at = annotation_id
            self._escape()

    def _escape(self) -> None:
        self._person.ghost = self._person.group = None

    def _pick(self, by: int) -> None:
        person = self._person
        self._escape()
        person.active = (person.active + by) % len(person.points)

    def _choose_group(self, name: str) -> None:
        self._escape()
        self._person.group = COCO17.groups[name]

    def _decide(self, after: Mapping[int, Point], *, stay: bool = False) -> None:
        person = self._person
        self.steps += 1
        after = {k: replace(point, step=self.steps) for k, point in after.items()}
        self.done.append(Step(self.steps, self.at, {k: person.points[k] for k in after}, after))
        self.undone.clear()
        self._write(after)
        if not stay and person.group is None and person.active < len(person.points) - 1:
            person.active += 1
        self._escape()

    def _write(self, after: Mapping[int, Point]) -> None:
        for k, point in after.items():
            self._person.points[k] = point

    def _targets(self) -> tuple[int, ...]:
        person = self._person
        return (person.active,) if person.group is None else person.group

    def _placed(self, k: int, v: int) -> Point:
        point = self._person.points[k]
        x, y = (point.x, point.y) if _has_place(point) else self._person.model_places[k]
        return Point(x, y, v, reviewed=True)

    def _set(self, v: int, *, stay: bool) -> None:
        person = self._person
        if person.ghost is not None and v > 0:
            person.ghost = Ghost(v, person.ghost.place, stay)
        elif person.group is not None:
            self._decide({k: self._placed(k, v) for k in person.group})
        elif v > 0 and not _has_place(person.points[person.active]):
            person.ghost = Ghost(v, person.model_places[person.active], stay)
        else:
            point = replace(person.points[person.active], v=v, reviewed=True)
            self._decide({person.active: point}, stay=stay)

    def _accept(self) -> None:
        person = self._person
        if person.ghost is not None:
            v, (x, y), stay = person.ghost.v, person.ghost.place, person.ghost.stay
            self._decide({person.active: Point(x, y, v, reviewed=True)}, stay=stay)
            return
        after = {}
        for k in self._targets():
            v = person.model_flags[k]
            point = replace(person.points[k], v=v, reviewed=True)
            after[k] = self._placed(k, v) if v > 0 else point
        self._decide(after)

    def _keep(self) -> None:
        given = self._person.given
        self._decide({k: replace(given[k], reviewed=True) for k in self._targets()})

    def _unsure(self) -> None:
        points = self._person.points
        self._decide({k: replace(points[k], reviewed=False) for k in self._targets()})

    def _nudge(self, dx: int, dy: int) -> None:
        person, (width, height) = self._person, self.size_wh_px

        def moved(x: float, y: float) -> Place:
            return min(max(x + dx, 0), width), min(max(y + dy, 0), height)

        if person.ghost is not None:
            person.ghost.place = moved(*person.ghost.place)
            return
        point = person.points[person.active]
        if point.v > 0:
            x, y = moved(point.x, point.y)
            person.group = None
            self._decide({person.active: replace(point, x=x, y=y, reviewed=True)}, stay=True)

    def _undo(self) -> None:
        if self.done:
            step = self.done.pop()
            self.undone.append(step)
            self._rewind(step, step.before)

    def _redo(self) -> None:
        if self.undone:
            step = self.undone.pop()
            self.done.append(step)
            self._rewind(step, step.after)

    def _rewind(self, step: Step, to: Mapping[int, Point]) -> None:
        self._open(step.person)
        self._escape()
        self._write(to)
        self._person.active = next(iter(to))


def opened(person: Person, model_places: list[Place], model_flags: list[int]) -> Open:
    """A person nobody has opened yet."""
    points = [
        Point(label.x_image_px, label.y_image_px, int(label.visibility), reviewed)
        for label, reviewed in zip(person.current, person.reviewed, strict=True)
    ]
    given = [Point(each.x_image_px, each.y_image_px, int(each.visibility)) for each in person.given]
    still_open = [k for k, point in enumerate(points) if not point.reviewed]
    return Open(given, points, model_places, model_flags, active=(still_open or [0])[0])


def _has_place(point: Point) -> bool:
    return point.v > 0 or (point.x, point.y) != (0, 0)
