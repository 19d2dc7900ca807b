"""The parts of a COCO file, read in one pass over its text."""

from typing import Any

from core.data.coco_columns import ColumnBuilder
from core.data.findings import ANNOTATIONS, FILE, Findings, shorten
from core.data.json_spans import JsonCursor, decode_json
from core.data.progress import Cancelled as CancelledWish
from core.data.progress import OnProgress
from core.errors import Cancelled, UserError

# Annotations decoded at a time: few enough that their objects stay in the processor's cache.
_BATCH = 512
_LISTS = ("images", "annotations", "categories")


class Document:
    """The parts of a file that are looked at; of a doubled one the last.

    Attributes:
        text: the file without its byte order mark.
        bom: length of that mark in bytes.
        lists: images and categories as the JSON decoder made them.
        columns: the annotations.
        info, licences: the file's own words, whatever they are.
    """

    def __init__(self, findings: Findings, where: str) -> None:
        self._findings = findings.of(FILE)
        self._where = where
        self.text = ""
        self.bom = 0
        self.lists: dict[str, list[Any]] = {"images": [], "categories": []}
        self.columns = ColumnBuilder(findings).build()
        self.info: Any = None
        self.licences: Any = None

    def read(self, source: bytes, on_progress: OnProgress, cancelled: CancelledWish) -> None:
        self.text, self.bom = decode_json(source, where=self._where)
        cursor = JsonCursor(self.text, where=self._where, bom=self.bom)
        if cursor.peek() != "{":
            raise UserError(
                "The file holds no COCO data: at the top stands "
                f"{'a list' if cursor.peek() == '[' else 'a single value'}, not an object.",
                where=self._where,
                remedy="Choose a file with images, annotations and categories.",
            )
        seen = set()
        for key in cursor.members():
            if key in seen and key in _LISTS:
                self._findings.remark(
                    "doubled_list", f'The file has "{key}" more than once; the last one counts.'
                )
            seen.add(key)
            if key == "annotations":
                self._read_annotations(cursor, on_progress, cancelled)
            else:
                self._keep(key, cursor.value())
        cursor.finish()
        for key in _LISTS:
            if key not in seen:
                self._findings.error(f"no_{key}", f'The file has no "{key}".')

    def _keep(self, key: str, value: Any) -> None:
        if key in self.lists:
            if type(value) is not list:
                self._findings.error(f"bad_{key}", f'"{key}" is {shorten(value)}, not a list.')
            self.lists[key] = value if type(value) is list else []
        elif key == "info":
            self.info = value
        elif key == "licenses":
            self.licences = value

    def _read_annotations(
        self, cursor: JsonCursor, on_progress: OnProgress, cancelled: CancelledWish
    ) -> None:
        if cursor.peek() != "[":
            value = cursor.value()
            self._findings.error("bad_annotations", f'"annotations" is {shorten(value)}, no list.')
            return
        builder = ColumnBuilder(self._findings.of(ANNOTATIONS))
        for batch, start, end in cursor.elements(_BATCH):
            odd = any(self.text.find(word, start[0], end[-1]) >= 0 for word in ("true", "false"))
            builder.add(batch, start, end, has_booleans=odd)
            on_progress(end[-1] / len(self.text))
            if cancelled():
                raise Cancelled
        self.columns = builder.build()
