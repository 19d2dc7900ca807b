"""Annotation objects become columns; a value of the wrong type becomes a finding.

Columns are converted whole and fast where every value has the expected type, and value by value,
with words about each odd one, where not.
"""

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.findings import Findings
from core.data.json_values import (
    as_float,
    id_problem,
    is_finite,
    is_number,
    keypoint_count,
    shorten,
    whole_number,
)

MISSING_COUNT = -1  # of num_keypoints


@dataclass(frozen=True)
class AnnotationColumns:
    """N annotations as they stand in the file, before they are known to fit together.

    Attributes:
        id, image_id, category_id: (N,) int64; `*_known` is False where the file has none.
        box_xywh_px: (N, 4) float64, NaN where missing.
        area_px2: (N,) float64, NaN where missing.
        num_keypoints: (N,) int64, `MISSING_COUNT` where missing.
        length: (N,) int64, numbers in the keypoint list; 0 without one.
        values: (sum of length,) float64, all keypoint lists one after the other.
        readable: (N,) bool, False where the keypoint list had something that is no number.
        start, end: (N,) int64, its place in the text, in characters.
    """

    id: NDArray[np.int64]
    id_known: NDArray[np.bool_]
    image_id: NDArray[np.int64]
    image_known: NDArray[np.bool_]
    category_id: NDArray[np.int64]
    category_known: NDArray[np.bool_]
    box_xywh_px: NDArray[np.float64]
    area_px2: NDArray[np.float64]
    iscrowd: NDArray[np.bool_]
    num_keypoints: NDArray[np.int64]
    length: NDArray[np.int64]
    values: NDArray[np.float64]
    readable: NDArray[np.bool_]
    start: NDArray[np.int64]
    end: NDArray[np.int64]


@dataclass
class ColumnBuilder:
    """Gathers batches of annotations; `build` joins them."""

    findings: Findings
    _parts: list[AnnotationColumns] = field(default_factory=list)
    _rows: int = 0

    def add(
        self, batch: list[Any], start: list[int], end: list[int], *, has_booleans: bool
    ) -> None:
        """Pack one batch.

        Args:
            batch: annotations as the JSON decoder made them.
            start, end: their places in the text, in characters.
            has_booleans: whether their text holds true or false anywhere. Only then is every
                number looked at: to NumPy true is a 1.
        """
        reader = _BatchReader(self._objects(batch), self._rows, self.findings)
        self._parts.append(reader.columns(start, end, has_booleans=has_booleans))
        self._rows += len(batch)

    def _objects(self, batch: list[Any]) -> list[dict[str, Any]]:
        """The batch with an empty object, and a finding, for all that is none."""
        if set(map(type, batch)) <= {dict}:
            return batch
        for row, value in enumerate(batch, start=self._rows):
            if type(value) is not dict:
                message = f"Annotation number {row + 1} is {shorten(value)}, not an object."
                self.findings.error("not_an_annotation", message, row=row)
        return [value if type(value) is dict else {} for value in batch]

    def build(self) -> AnnotationColumns:
        """All batches as one."""
        if not self._parts:
            empty = _BatchReader([], 0, self.findings)
            self._parts.append(empty.columns([], [], has_booleans=False))
        parts = self._parts
        joined = {
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in AnnotationColumns.__dataclass_fields__
        }
        return AnnotationColumns(**joined)


class _BatchReader:
    """Reads the fields of one batch; `first` is the row of its first annotation."""

    def __init__(self, batch: list[dict[str, Any]], first: int, findings: Findings) -> None:
        self._batch = batch
        self._first = first
        self._findings = findings

    def columns(self, start: list[int], end: list[int], *, has_booleans: bool) -> AnnotationColumns:
        ids, id_known = self._ids("id")
        image_id, image_known = self._ids("image_id")
        category_id, category_known = self._ids("category_id")
        length, values, readable = self._keypoints(exact=has_booleans)
        return AnnotationColumns(
            id=ids,
            id_known=id_known,
            image_id=image_id,
            image_known=image_known,
            category_id=category_id,
            category_known=category_known,
            box_xywh_px=self._boxes(exact=has_booleans),
            area_px2=self._areas(),
            iscrowd=self._iscrowd(),
            num_keypoints=self._num_keypoints(),
            length=length,
            values=values,
            readable=readable,
            start=np.array(start, dtype=np.int64),
            end=np.array(end, dtype=np.int64),
        )

    def _who(self, row: int) -> str:
        whole = whole_number(self._batch[row].get("id"))
        return f"number {self._first + row + 1}" if whole is None else str(whole)

    def _say(self, add: Callable[..., None], rule: str, row: int, problem: str) -> None:
        add(
            rule,
            f"Annotation {self._who(row)} {problem}.",
            row=self._first + row,
            annotation_id=whole_number(self._batch[row].get("id")),
        )

    def _error(self, rule: str, row: int, problem: str) -> None:
        self._say(self._findings.error, rule, row, problem)

    def _remark(self, rule: str, row: int, problem: str) -> None:
        self._say(self._findings.remark, rule, row, problem)

    def _ids(self, key: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        values: list[Any] = [annotation.get(key) for annotation in self._batch]
        known = np.ones(len(values), dtype=np.bool_)
        if set(map(type, values)) <= {int}:
            try:
                return np.array(values, dtype=np.int64), known
            except OverflowError:
                pass
        numbers = np.zeros(len(values), dtype=np.int64)
        for row, value in enumerate(values):
            whole = whole_number(value)
            if whole is None:
                known[row] = False
                self._error(f"bad_{key}", row, id_problem(key, value))
            else:
                numbers[row] = whole
        return numbers, known

    def _boxes(self, *, exact: bool) -> NDArray[np.float64]:
        values: list[Any] = [annotation.get("bbox") for annotation in self._batch]
        if not exact and set(map(type, values)) <= {list} and set(map(len, values)) <= {4}:
            try:
                boxes = np.array(array("d", list(chain.from_iterable(values)))).reshape(-1, 4)
                if np.isfinite(boxes).all():
                    return boxes
            except (TypeError, OverflowError):
                pass
        boxes = np.full((len(values), 4), np.nan)
        for row, value in enumerate(values):
            if value is None:
                self._remark("missing_box", row, "has no box")
            elif type(value) is list and len(value) == 4 and all(map(is_finite, value)):
                boxes[row] = value
            else:
                self._error("bad_box", row, f"has the box {shorten(value)}; a box is four numbers")
        return boxes

    def _areas(self) -> NDArray[np.float64]:
        values: list[Any] = [annotation.get("area") for annotation in self._batch]
        if set(map(type, values)) <= {int, float}:
            try:
                areas = np.array(values, dtype=np.float64)
                if np.isfinite(areas).all():
                    return areas
            except OverflowError:
                pass
        areas = np.full(len(values), np.nan)
        for row, value in enumerate(values):
            if value is None:
                self._remark("missing_area", row, "has no area")
            elif is_finite(value):
                areas[row] = value
            else:
                self._remark("bad_area", row, f"has the area {shorten(value)}, which is no number")
        return areas

    def _iscrowd(self) -> NDArray[np.bool_]:
        values: list[Any] = [annotation.get("iscrowd", 0) for annotation in self._batch]
        for row, value in enumerate(values):
            if value is not None and value not in (0, 1):
                self._error("bad_iscrowd", row, f"has iscrowd {shorten(value)}; it is 0 or 1")
        return np.array([value in (1,) for value in values], dtype=np.bool_)

    def _num_keypoints(self) -> NDArray[np.int64]:
        values: list[Any] = [annotation.get("num_keypoints") for annotation in self._batch]
        counts = np.full(len(values), MISSING_COUNT, dtype=np.int64)
        if set(map(type, values)) <= {int} and all(0 <= value < 2**31 for value in values):
            return np.array(values, dtype=np.int64)
        for row, value in enumerate(values):
            count = keypoint_count(value)
            if count is not None:
                counts[row] = count
            elif value is not None:
                self._remark(
                    "bad_num_keypoints",
                    row,
                    f"has num_keypoints {shorten(value)}, which counts nothing; it is kept",
                )
        return counts

    def _keypoints(
        self, *, exact: bool
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]:
        lists: list[Any] = [annotation.get("keypoints") for annotation in self._batch]
        readable = np.ones(len(lists), dtype=np.bool_)
        if not exact and set(map(type, lists)) <= {list}:
            try:
                flat = array("d", list(chain.from_iterable(lists)))
                return np.array(list(map(len, lists)), dtype=np.int64), np.array(flat), readable
            except (TypeError, OverflowError):
                pass
        numbers = [self._numbers(row, value, exact=exact) for row, value in enumerate(lists)]
        for row, packed in enumerate(numbers):
            readable[row] = packed is not None
        packed_lists = [array("d") if packed is None else packed for packed in numbers]
        length = np.array(list(map(len, packed_lists)), dtype=np.int64)
        return length, np.array(array("d", chain.from_iterable(packed_lists))), readable

    def _numbers(self, row: int, value: Any, *, exact: bool) -> "array[float] | None":
        """One keypoint list; None, with a finding, where it is no list of numbers."""
        if value is None:
            return array("d")
        if type(value) is not list:
            self._error("bad_keypoints", row, f"has keypoints {shorten(value)}, which is no list")
            return None
        if not exact:
            try:
                return array("d", value)
            except (TypeError, OverflowError):
                pass
        odd = [place for place, number in enumerate(value) if not is_number(number)]
        if not odd:
            return array("d", map(as_float, value))
        shown = ", ".join(f"{shorten(value[place])} at place {place + 1}" for place in odd[:3])
        more = f" and {len(odd) - 3} more" if len(odd) > 3 else ""
        self._error("bad_keypoints", row, f"has keypoint values that are no numbers: {shown}{more}")
        return None
