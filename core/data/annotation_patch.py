"""Rewriting the numbers of one annotation, and nothing else of its text.

An annotation's keypoints are its own last such member, as JSON readers take it; they are found
by walking its object, never by searching its text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

from core.data.json_spans import JsonCursor
from core.data.json_values import keypoint_count
from core.data.number_style import CoordinateStyle, flag_text, number_spans
from core.data.review import Label
from core.data.visibility import Visibility
from core.errors import UserError


@dataclass(frozen=True)
class LabelChange:
    """One keypoint to rewrite.

    Attributes:
        span_bytes: start and end of the annotation's object in the decompressed source.
        keypoint: index from 0.
        before: the label as the source has it.
        after: the label wanted; UNLABELLED is written as 0, 0, 0.
    """

    annotation_id: int
    span_bytes: tuple[int, int]
    keypoint: int
    before: Label
    after: Label


def written_numbers(change: LabelChange) -> tuple[float, float, int]:
    """x, y and flag as the export is to hold them, before x and y are rounded."""
    if change.after.visibility == Visibility.UNLABELLED and change.after != change.before:
        return 0.0, 0.0, Visibility.UNLABELLED
    return change.after.x_image_px, change.after.y_image_px, change.after.visibility


@dataclass(frozen=True)
class _Number:
    """A number of the annotation's text, its place in characters."""

    start: int
    end: int
    text: str


class AnnotationPatcher:
    """Rewrites the numbers of one annotation.

    Moved coordinates get as many decimals as the annotation's labelled keypoints show, at most
    two; `file_style` is asked where it has none.
    """

    def __init__(
        self, text: bytes, annotation_id: int, file_style: Callable[[], CoordinateStyle]
    ) -> None:
        self._id = annotation_id
        self._file_style = file_style
        try:
            self._text = text.decode()
        except UnicodeDecodeError as error:
            raise self._other_source() from error
        self._places: dict[str, tuple[int, int]] = {}
        self._find_members()
        self._keypoints = self._numbers("keypoints")

    def patched(self, group: Sequence[LabelChange], *, counts_labelled: bool) -> bytes:
        """The annotation's new text; `group` names each keypoint once."""
        assert len({change.keypoint for change in group}) == len(group)
        new_texts: dict[_Number, str] = {}
        for change in group:
            self._put(change, new_texts)
        if counts_labelled:
            self._count(new_texts)
        pieces = []
        done = 0
        for number in sorted(new_texts, key=lambda number: number.start):
            pieces += [self._text[done : number.start], new_texts[number]]
            done = number.end
        return "".join([*pieces, self._text[done:]]).encode()

    def _find_members(self) -> None:
        try:
            cursor = JsonCursor(self._text)
            values: dict[str, object] = {}
            for key in cursor.members():
                start = cursor.at
                values[key] = cursor.value()
                self._places[key] = (start, cursor.at)
            cursor.finish()
        except UserError as error:
            raise self._other_source() from error
        if values.get("id") != self._id:
            raise self._other_source()
        self._num_keypoints = keypoint_count(values.get("num_keypoints"))

    def _numbers(self, key: str) -> list[_Number]:
        start, end = self._places.get(key, (0, 0))
        return [_Number(a, b, self._text[a:b]) for a, b in number_spans(self._text, start, end)]

    def _put(self, change: LabelChange, new_texts: dict[_Number, str]) -> None:
        numbers = self._keypoints[3 * change.keypoint : 3 * change.keypoint + 3]
        before, after = change.before, change.after
        stands = [float(number.text) for number in numbers]
        if stands != [before.x_image_px, before.y_image_px, before.visibility]:
            raise self._other_source()
        wanted = written_numbers(change)
        assert all(map(isfinite, wanted)), f"{after} cannot be written"
        for number, new, old in zip(numbers[:2], wanted, stands, strict=False):
            text = self._style().text(new, number.text)
            if new != old and float(text) != old:  # a move may be finer than the file's decimals
                new_texts[number] = text
        if after.visibility != before.visibility:
            new_texts[numbers[2]] = flag_text(after.visibility, numbers[2].text)

    def _count(self, new_texts: dict[_Number, str]) -> None:
        """Recount num_keypoints where the annotation counts there."""
        if self._num_keypoints is None:
            return
        (number,) = self._numbers("num_keypoints")
        flags = [new_texts.get(flag, flag.text) for flag in self._keypoints[2::3]]
        labelled = sum(float(flag) > 0 for flag in flags)
        if self._num_keypoints != labelled:
            new_texts[number] = flag_text(labelled, number.text)

    def _style(self) -> CoordinateStyle:
        flags = self._keypoints[2::3]
        labelled = [
            number.text
            for k, flag in enumerate(flags)
            if float(flag.text) > 0
            for number in self._keypoints[3 * k : 3 * k + 2]
        ]
        return CoordinateStyle.of(labelled) if labelled else self._file_style()

    def _other_source(self) -> UserError:
        return UserError(
            f"The source file no longer holds annotation {self._id} as it was imported.",
            remedy="Restore the file, or import the new one as a newer version.",
        )
