"""The parts of a COCO file, read in one pass over its text."""

from typing import Any

from core.data.coco_columns import ColumnBuilder
from core.data.findings import ANNOTATIONS, FILE, Findings
from core.data.json_spans import JsonCursor, decode_json
from core.data.json_values import shorten
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
        images, categories: as the JSON decoder made them.
        columns: the annotations.
        info, licences: the file's own words, whatever they are.
    """

    def __init__(self, findings: Findings, where: str) -> None:
        self._findings = findings.of(FILE)
        self._about_annotations = findings.of(ANNOTATIONS)
        self._where = where
        self.text = ""
        self.bom = 0
        self.images: list[Any] = []
        self.categories: list[Any] = []
        self.columns = ColumnBuilder(findings).build()
        self.info: Any = None
        self.licences: Any = None

    def read(self, source: bytes, on_progress: OnProgress, cancelled: CancelledWish) -> None:
        """Take in the whole file.

        Raises:
            UserError: it is not JSON with an object at the top.
            Cancelled: the caller asked to stop.
        """
        self.text, self.bom = decode_json(source, where=self._where)
        cursor = JsonCursor(self.text, where=self._where, bom=self.bom)
        if cursor.peek() != "{":
            raise self._no_object(cursor.peek())
        values: dict[str, Any] = {}
        for key in cursor.members():
            if key in values and key in _LISTS:
                self._findings.remark(
                    "doubled_list", f'The file has "{key}" more than once; the last one counts.'
                )
            if key == "annotations":
                values[key] = self._read_annotations(cursor, on_progress, cancelled)
            else:
                values[key] = cursor.value()
        cursor.finish()
        self._keep(values)

    def _no_object(self, mark: str) -> UserError:
        return UserError(
            "The file holds no COCO data: at the top stands "
            f"{'a list' if mark == '[' else 'a single value'}, not an object.",
            where=self._where,
            remedy="Choose a file with images, annotations and categories.",
        )

    def _keep(self, values: dict[str, Any]) -> None:
        for key in _LISTS:
            if key not in values:
                self._findings.error("missing_list", f'The file has no "{key}".')
            elif type(values[key]) is not list:
                message = f'"{key}" is {shorten(values[key])}, not a list.'
                self._findings.error("bad_list", message)
                values[key] = []
            elif not values[key] and key != "annotations" and len(self.columns.id):
                self._findings.error("empty_list", f'"{key}" is empty, yet there are annotations.')
        self.images = values.get("images", [])
        self.categories = values.get("categories", [])
        self.info = values.get("info")
        self.licences = values.get("licenses")

    def _read_annotations(
        self, cursor: JsonCursor, on_progress: OnProgress, cancelled: CancelledWish
    ) -> Any:
        """Fill `columns`; gives an empty list, or what stands in place of a list."""
        self._about_annotations.forget()  # of an earlier list under the same key
        builder = ColumnBuilder(self._about_annotations)
        if cursor.peek() != "[":
            self.columns = builder.build()
            return cursor.value()
        for batch, start, end in cursor.elements(_BATCH):
            odd = any(self.text.find(word, start[0], end[-1]) >= 0 for word in ("true", "false"))
            builder.add(batch, start, end, has_booleans=odd)
            on_progress(end[-1] / len(self.text))
            if cancelled():
                raise Cancelled
        self.columns = builder.build()
        return []
