"""Rewriting the numbers of one annotation, and nothing else of its text.

An annotation's keypoints are its own last such member, as JSON readers take it; they are found
by walking its object, never by searching its text.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.data.json_spans import JsonCursor
from core.data.number_style import CoordinateStyle, file_style, flag_text, number_spans
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


@dataclass(frozen=True)
class _Number:
    """A number of the annotation's text, its place in characters."""

    start: int
    end: int
    text: str


class AnnotationPatcher:
    """Rewrites the numbers of one annotation."""

    def __init__(self, source: bytes, span: tuple[int, int], annotation_id: int) -> None:
        self._source = source
        self._id = annotation_id
        try:
            self._text = source[span[0] : span[1]].decode()
        except UnicodeDecodeError as error:
            raise self._other_source() from error
        self._places: dict[str, tuple[int, int]] = {}
        self._find_members()
        self._keypoints = self._numbers("keypoints")

    def patched(self, group: Sequence[LabelChange], *, counts_labelled: bool) -> bytes:
        """The annotation's new text."""
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
            found: object = None
            for key in cursor.members():
                start = cursor.at
                value = cursor.value()
                self._places[key] = (start, cursor.at)
                found = value if key == "id" else found
            cursor.finish()
        except UserError as error:
            raise self._other_source() from error
        if found != self._id:
            raise self._other_source()

    def _numbers(self, key: str) -> list[_Number]:
        start, end = self._places.get(key, (0, 0))
        return [_Number(a, b, self._text[a:b]) for a, b in number_spans(self._text, start, end)]

    def _put(self, change: LabelChange, new_texts: dict[_Number, str]) -> None:
        numbers = self._keypoints[3 * change.keypoint : 3 * change.keypoint + 3]
        before, after = change.before, change.after
        stands = [float(number.text) for number in numbers]
        if stands != [before.x_image_px, before.y_image_px, before.visibility]:
            raise self._other_source()
        x, y, flag = numbers
        if after.visibility is Visibility.UNLABELLED:
            wanted = ((x, 0.0, before.x_image_px), (y, 0.0, before.y_image_px))
        else:
            wanted = (
                (x, after.x_image_px, before.x_image_px),
                (y, after.y_image_px, before.y_image_px),
            )
        for number, new, old in wanted:
            if new != old:
                new_texts[number] = self._style().text(new, number.text)
        if after.visibility != before.visibility:
            new_texts[flag] = flag_text(after.visibility, flag.text)

    def _count(self, new_texts: dict[_Number, str]) -> None:
        """Recount num_keypoints where the annotation has a number there."""
        counts = self._numbers("num_keypoints")
        if len(counts) != 1:
            return
        flags = [new_texts.get(number, number.text) for number in self._keypoints[2::3]]
        labelled = sum(float(flag) > 0 for flag in flags)
        if float(counts[0].text) != labelled:
            new_texts[counts[0]] = flag_text(labelled, counts[0].text)

    def _style(self) -> CoordinateStyle:
        flags = self._keypoints[2::3]
        labelled = [
            number.text
            for k, flag in enumerate(flags)
            if float(flag.text) > 0
            for number in self._keypoints[3 * k : 3 * k + 2]
        ]
        return CoordinateStyle.of(labelled) if labelled else file_style(self._source)

    def _other_source(self) -> UserError:
        return UserError(
            f"The source file no longer holds annotation {self._id} as it was imported.",
            remedy="Restore the file, or import the new one as a newer version.",
        )
