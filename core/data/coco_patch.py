"""Patching a source file with changed labels, and reading the result again to be sure of it.

Offsets are in bytes of the decompressed source; everything outside the changed annotations is
copied as it stands.
"""

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from core.data.annotation_patch import AnnotationPatcher, written_numbers
from core.data.annotation_patch import LabelChange as LabelChange  # part of this door
from core.data.json_spans import JsonCursor, byte_offsets, decode_json
from core.data.json_values import keypoint_count
from core.data.number_style import file_style
from core.errors import UserError

_NUMBER = re.compile(r"-?\d[\d.eE+-]*")
_BATCH = 512  # annotations
_ROUNDING_PX = 0.5  # a moved coordinate is rounded to the file's decimals, at worst to whole px


class PatchError(Exception):
    """A patched file is not what was asked for: a mistake of the program, never of a person."""


@dataclass(frozen=True)
class CountChange:
    """A num_keypoints that was recounted."""

    annotation_id: int
    before: int
    after: int


@dataclass(frozen=True)
class PatchDifference:
    """In what a patched file differs from its source; everything else is equal, byte for byte.

    Attributes:
        num_numbers: flags, coordinates and num_keypoints, together.
        counts: the num_keypoints among them, in file order.
    """

    num_numbers: int
    counts: tuple[CountChange, ...]


def patch_coco(source: bytes, changes: Sequence[LabelChange], *, counts_labelled: bool) -> bytes:
    """The source with the changes made.

    Flags get the style of the number they replace. x and y are touched only where they differ
    from `before` or the keypoint becomes unlabelled. num_keypoints is recounted for the persons
    of `changes` where the source has it and `counts_labelled` says that it counts v > 0.

    Raises:
        UserError: the source is not the one the changes were made for.
    """
    style = cache(lambda: file_style(source))  # looked for only if an annotation shows none
    pieces: list[bytes] = []
    done = 0
    for (start, end), annotation_id, group in _grouped(changes):
        patcher = AnnotationPatcher(source[start:end], annotation_id, style)
        pieces += [source[done:start], patcher.patched(group, counts_labelled=counts_labelled)]
        done = end
    pieces.append(source[done:])
    return b"".join(pieces)


def _grouped(
    changes: Sequence[LabelChange],
) -> list[tuple[tuple[int, int], int, list[LabelChange]]]:
    """(span, annotation id, its changes) in the order of the file."""
    groups: defaultdict[tuple[tuple[int, int], int], list[LabelChange]] = defaultdict(list)
    for change in changes:
        groups[change.span_bytes, change.annotation_id].append(change)
    return [
        (span, annotation_id, groups[span, annotation_id]) for span, annotation_id in sorted(groups)
    ]


def verify_patch(
    source: bytes, patched: bytes, changes: Sequence[LabelChange], *, counts_labelled: bool
) -> PatchDifference:
    """Compare a patched file with its source; gives what differs, all of it asked for.

    The patched file is read whole, as any reader would; bytes outside the changed annotations
    are compared, and these annotations number by number.

    Raises:
        PatchError: anything but the asked numbers differs.
    """
    groups = _grouped(changes)
    spans = _spans_of(patched, {annotation_id for _, annotation_id, _ in groups})
    done, done_patched = 0, 0
    num_numbers = 0
    counts: list[CountChange] = []
    for (start, end), annotation_id, group in groups:
        if annotation_id not in spans:
            raise PatchError(f"Annotation {annotation_id} is gone.")
        new_start, new_end = spans[annotation_id]
        if source[done:start] != patched[done_patched:new_start]:
            raise PatchError(f"Something before annotation {annotation_id} changed.")
        numbers, recounted = _compare(
            source[start:end].decode(), patched[new_start:new_end].decode(), group, counts_labelled
        )
        num_numbers += numbers
        counts += recounted
        done, done_patched = end, new_end
    if source[done:] != patched[done_patched:]:
        raise PatchError("Something after the last changed annotation changed.")
    return PatchDifference(num_numbers, tuple(counts))


def _spans_of(patched: bytes, wanted: set[int]) -> dict[int, tuple[int, int]]:
    """Byte spans of some annotations, the last list of the file counting."""
    if not wanted:
        return {}
    ids: list[int] = []
    places: list[int] = []
    try:
        text, bom = decode_json(patched, where="")
        cursor = JsonCursor(text, bom=bom)
        for key in cursor.members():
            if key != "annotations":
                cursor.value()
                continue
            ids, places = [], []
            for batch in cursor.elements(_BATCH):
                for annotation, start, end in zip(*batch, strict=True):
                    if annotation["id"] in wanted:
                        ids.append(annotation["id"])
                        places += [start, end]
        cursor.finish()
    except UserError as error:
        raise PatchError(f"The patched file is no JSON. {error}") from error
    offsets = byte_offsets(text, places, bom=bom).reshape(-1, 2).tolist()
    return {i: (start, end) for i, (start, end) in zip(ids, offsets, strict=True)}


def _compare(
    before_text: str, after_text: str, group: Sequence[LabelChange], counts_labelled: bool
) -> tuple[int, list[CountChange]]:
    """How many numbers of one annotation differ, and its num_keypoints where it is among them."""
    annotation_id = group[0].annotation_id
    before, after = json.loads(before_text), json.loads(after_text)
    if _NUMBER.sub("#", before_text) != _NUMBER.sub("#", after_text):
        raise PatchError(f"Annotation {annotation_id} changed outside its numbers.")
    differences = _check_keypoints(before, after, group)
    recounted = _check_count(before, after, counts_labelled)
    differences += len(recounted)
    rest = {"keypoints", "num_keypoints"}
    # repr, so that 1 and 1.0 count as different and NaN as equal
    if [(k, repr(v)) for k, v in before.items() if k not in rest] != [
        (k, repr(v)) for k, v in after.items() if k not in rest
    ]:
        raise PatchError(f"Annotation {annotation_id} changed outside its keypoints.")
    # Numbers that JSON readers never see, as of a doubled key, are counted here.
    texts = zip(_NUMBER.findall(before_text), _NUMBER.findall(after_text), strict=True)
    if sum(old != new for old, new in texts) != differences:
        raise PatchError(f"Annotation {annotation_id} has more changed numbers than asked for.")
    return differences, recounted


def _check_keypoints(
    before: dict[str, Any], after: dict[str, Any], group: Sequence[LabelChange]
) -> int:
    """How many numbers differ, all of them asked for."""
    annotation_id = group[0].annotation_id
    old, new = before["keypoints"], after["keypoints"]
    wanted: dict[int, float] = {}
    for change in group:
        wanted |= dict(enumerate(written_numbers(change), start=3 * change.keypoint))
    for index, (was, now) in enumerate(zip(old, new, strict=True)):
        asked = wanted.get(index, was)
        exact = index not in wanted or index % 3 == 2 or asked in (0, was)
        if abs(now - asked) > (0 if exact else _ROUNDING_PX):
            raise PatchError(
                f"Annotation {annotation_id}: number {index + 1} of its keypoints is {now}, "
                f"not {asked}."
            )
    return sum(was != now for was, now in zip(old, new, strict=True))


def _check_count(
    before: dict[str, Any], after: dict[str, Any], counts_labelled: bool
) -> list[CountChange]:
    """The num_keypoints where it differs as it should; nothing where it rightly stays."""
    was, now = before.get("num_keypoints"), after.get("num_keypoints")
    counted = keypoint_count(was)
    expected = was
    if counts_labelled and counted is not None:
        expected = sum(flag > 0 for flag in after["keypoints"][2::3])
    if now != expected:
        raise PatchError(
            f"Annotation {after['id']} has num_keypoints {now} where {expected} was due."
        )
    if counted is None or now == was:
        return []
    return [CountChange(after["id"], counted, after["num_keypoints"])]
