"""What the editor sends: untrusted until every field is checked."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.workflow.names import LONGEST_NAME
from core.data.review import TABLE_STEP, VerdictKind
from core.data.visibility import Visibility
from core.errors import UserError

MOST_EDITS = 10_000  # of one snapshot
LONGEST_STEP = 40  # letters, as the column
LONGEST_REASON = 2_000
LONGEST_RUN = 100
LARGEST_NUMBER = 2**53  # what a browser counts exactly
_RELOAD = "Reload the page and try again."


@dataclass(frozen=True)
class AskedEdit:
    """One keypoint of a snapshot; types and ranges are right, the dataset was not asked yet.

    Attributes:
        xy_image_px: where it should be; None to leave it.
        said: p(v = 0, 1, 2) that was shown.
    """

    keypoint: int
    base_revision: int
    kind: VerdictKind
    xy_image_px: tuple[float, float] | None
    visibility: Visibility
    reason: str
    run: str | None
    said: tuple[float, float, float] | None


@dataclass(frozen=True)
class Snapshot:
    """What one step did to one person.

    Attributes:
        version: the dataset's id, which a renamed one keeps and a newer version of its file has
            another of; None where it was not told.
        label_set: `main`, or an annotator's own.
        annotator: who decided, in the browser's words.
        item: the annotation id.
        seq: counts up in the browser; given back, so that it knows what was acknowledged.
        step: id of the key press or group action; the same step is written once.
        undoes: the step an UNDO takes back or a REDO restores.
    """

    dataset: str
    version: int | None
    label_set: str
    annotator: str
    item: int
    seq: int
    step: str
    undoes: str | None
    edits: tuple[AskedEdit, ...]


def read_snapshot(raw: object) -> Snapshot:
    """A snapshot whose every field has been checked.

    Raises:
        UserError: the field that is wrong and why; nothing of it may be used.
    """
    fields = _object(raw, "the snapshot")
    edits = fields.get("edits")
    if not isinstance(edits, list):
        raise _wrong("edits", "is not a list")
    if len(edits) > MOST_EDITS:
        raise _wrong("edits", f"has {len(edits):,} entries; {MOST_EDITS:,} is the most")
    read = tuple(_edit(edit, f"edits[{place}]") for place, edit in enumerate(edits))
    if len({edit.keypoint for edit in read}) < len(read):
        raise _wrong("edits", "names a keypoint twice")
    step = _text(fields, "step", LONGEST_STEP)
    if step.startswith(TABLE_STEP):
        raise _wrong("step", "is that of a table of verdicts")
    return Snapshot(
        dataset=_text(fields, "dataset", LONGEST_RUN * 2),
        version=_version(fields),
        label_set=_text(fields, "label_set", LONGEST_NAME),
        annotator=_text(fields, "annotator", LONGEST_NAME),
        item=_whole(fields, "item", -LARGEST_NUMBER, LARGEST_NUMBER),
        seq=_whole(fields, "seq", 0, LARGEST_NUMBER),
        step=step,
        undoes=_optional_text(fields, "undoes", LONGEST_STEP),
        edits=read,
    )


def _edit(raw: object, where: str) -> AskedEdit:
    fields = _object(raw, where)
    kind = fields.get("kind")
    if not isinstance(kind, str) or kind not in set(VerdictKind):
        raise _wrong(f"{where}.kind", f"is none of {', '.join(VerdictKind)}")
    return AskedEdit(
        keypoint=_whole(fields, "keypoint", 0, LARGEST_NUMBER, where),
        base_revision=_whole(fields, "base_revision", 0, LARGEST_NUMBER, where),
        kind=VerdictKind(kind),
        xy_image_px=_place(fields, where),
        visibility=Visibility(_whole(fields, "v", 0, 2, where)),
        reason=_optional_text(fields, "reason", LONGEST_REASON, where) or "",
        run=_optional_text(fields, "run", LONGEST_RUN, where),
        said=_said(fields.get("run_said"), f"{where}.run_said"),
    )


def _version(fields: Mapping[str, object]) -> int | None:
    said = fields.get("version")
    return None if said is None else _whole(fields, "version", 1, LARGEST_NUMBER)


def _object(raw: object, where: str) -> Mapping[str, object]:
    if not isinstance(raw, Mapping) or not all(isinstance(key, str) for key in raw):
        raise _wrong(where, "is not an object")
    return raw


def _place(fields: Mapping[str, object], where: str) -> tuple[float, float] | None:
    x, y = fields.get("x"), fields.get("y")
    if x is None and y is None:
        return None
    return _number(x, f"{where}.x"), _number(y, f"{where}.y")


def _said(raw: object, where: str) -> tuple[float, float, float] | None:
    if raw is None:
        return None
    if not isinstance(raw, list | tuple) or len(raw) != len(Visibility):
        raise _wrong(where, "is not a list of three numbers")
    p0, p1, p2 = (_number(p, where) for p in raw)
    if not all(0 <= p <= 1 for p in (p0, p1, p2)):
        raise _wrong(where, "is not within 0 to 1")
    return p0, p1, p2


def _number(raw: object, where: str) -> float:
    # bool is an int in Python, but true is no coordinate.
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise _wrong(where, "is not a number")
    if not abs(raw) <= LARGEST_NUMBER:  # NaN is not, either; isfinite stumbles over 10**400
        raise _wrong(where, "is not a finite number")
    return float(raw)


def _whole(fields: Mapping[str, object], name: str, least: int, most: int, where: str = "") -> int:
    raw, place = fields.get(name), f"{where}.{name}" if where else name
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)  # JavaScript has one kind of number
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise _wrong(place, "is not a whole number")
    if not least <= raw <= most:
        raise _wrong(place, f"is not within {least} to {most}")
    return raw


def _text(fields: Mapping[str, object], name: str, longest: int) -> str:
    text = _optional_text(fields, name, longest)
    if not text:
        raise _wrong(name, "is missing")
    return text


def _optional_text(
    fields: Mapping[str, object], name: str, longest: int, where: str = ""
) -> str | None:
    raw, place = fields.get(name), f"{where}.{name}" if where else name
    if raw is None:
        return None
    if not isinstance(raw, str):
        raise _wrong(place, "is not text")
    if len(raw) > longest or "\0" in raw:
        raise _wrong(place, f"has more than {longest} letters or a NUL in it")
    return raw


def _wrong(where: str, what: str) -> UserError:
    return UserError(f"The edit was not saved: {where} {what}.", remedy=_RELOAD)
