"""The images of a COCO file: ids, file names and sizes."""

from typing import Any

import numpy as np

from core.data.dataset import Images
from core.data.findings import Findings
from core.data.json_values import id_problem, shorten, storable, whole_number
from core.data.photos import name_problem

_MAX_SIDE_PX = 2**31 - 1


def read_images(entries: list[Any], findings: Findings) -> Images:
    """Images in file order; an entry that cannot be used is an error and left out."""
    reader = _ImageReader(findings)
    for row, entry in enumerate(entries):
        reader.add(row, entry)
    return reader.images()


class _ImageReader:
    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._ids: list[int] = []
        self._names: list[str] = []
        self._sizes: list[tuple[int, int]] = []

    def add(self, row: int, entry: Any) -> None:
        if type(entry) is not dict:
            message = f"Image number {row + 1} is {shorten(entry)}, not an object."
            self._findings.error("not_an_image", message, row=row)
            return
        image_id = whole_number(entry.get("id"))
        if image_id is None:
            message = f"Image number {row + 1} {id_problem('id', entry.get('id'))}."
            self._findings.error("bad_image_id", message, row=row)
            return
        self._ids.append(image_id)
        self._names.append(self._file_name(row, image_id, entry.get("file_name")))
        self._sizes.append(self._size(row, image_id, entry))

    def images(self) -> Images:
        ids = np.array(self._ids, dtype=np.int64)
        used, first, count = np.unique(ids, return_index=True, return_counts=True)
        for n in np.flatnonzero(count > 1):
            self._findings.error(
                "duplicate_image_id",
                f"Image id {used[n]} is used {count[n]} times; ids must differ.",
                row=int(first[n]),
                image_id=int(used[n]),
            )
        self._check_doubled_names()
        sizes = np.array(self._sizes, dtype=np.int32).reshape(-1, 2)
        return Images(ids, tuple(self._names), sizes)

    def _check_doubled_names(self) -> None:
        first: dict[str, int] = {}
        for row, (image_id, name) in enumerate(zip(self._ids, self._names, strict=True)):
            other = first.setdefault(name, image_id)
            if name and other != image_id:
                self._remark(
                    "duplicate_image_entry",
                    row,
                    image_id,
                    f"has the same file name as image {other}: {shorten(name)}",
                )

    def _file_name(self, row: int, image_id: int, value: Any) -> str:
        if type(value) is not str or not value:
            shown = "no file name" if not value else f"the file name {shorten(value)}"
            problem = f"has {shown}; it is shown without a photo"
            self._remark("missing_file_name", row, image_id, problem)
            return ""
        problem = name_problem(value)
        if problem:
            self._remark(
                "unsafe_file_name",
                row,
                image_id,
                f"has the file name {shorten(value)}, which {problem}; its photo is not read",
            )
        return storable(value)

    def _size(self, row: int, image_id: int, entry: dict[str, Any]) -> tuple[int, int]:
        width, height = whole_number(entry.get("width")), whole_number(entry.get("height"))
        if width and height and 0 < width <= _MAX_SIDE_PX and 0 < height <= _MAX_SIDE_PX:
            return width, height
        if entry.get("width") is None and entry.get("height") is None:
            problem = "has no width and height"
        else:
            shown = f"{shorten(entry.get('width'))} x {shorten(entry.get('height'))}"
            problem = f"has the size {shown}, which is none"
        self._remark("missing_image_size", row, image_id, problem)
        return 0, 0

    def _remark(self, rule: str, row: int, image_id: int, problem: str) -> None:
        message = f"Image {image_id} {problem}."
        self._findings.remark(rule, message, row=row, image_id=image_id)
