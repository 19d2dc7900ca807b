"""What is wrong with the annotations of a COCO file, every problem in words with its ids.

An ERROR makes the data ambiguous or unreadable and refuses the file; a REMARK is imported,
counted and shown. Rules work on whole columns; words are made only for the rows that fail.
"""

from collections.abc import Sequence
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from core.data.coco_annotations import keypoint_lists, skeleton_sizes
from core.data.coco_columns import MISSING_COUNT, AnnotationColumns
from core.data.dataset import Annotations, Category, Images
from core.data.findings import FILE, Findings
from core.data.json_values import first_few
from core.data.skeleton import unnamed_skeleton

BOX_TOLERANCE_PX = 1.0  # COCO's own boxes pass the frame by rounding
_FIRST_POWER = 1e16  # from here on numbers are written as 1e+16


def check_references(
    columns: AnnotationColumns,
    categories: Sequence[Category],
    images: Images,
    findings: Findings,
) -> None:
    """Ids that are used twice, and annotations of images or categories that are not there.

    Where none are there at all, the list itself is in error; each annotation need not repeat it.
    """
    rows = np.flatnonzero(columns.id_known)
    ids, first, count = np.unique(columns.id[rows], return_index=True, return_counts=True)
    for n in np.flatnonzero(count > 1):
        findings.error(
            "duplicate_annotation_id",
            f"Annotation id {ids[n]} is used {count[n]} times; ids must differ.",
            row=int(rows[first[n]]),
            annotation_id=int(ids[n]),
        )
    lost = columns.image_known & ~np.isin(columns.image_id, images.id) & (len(images.id) > 0)
    for row in np.flatnonzero(lost):
        _error(
            findings, "unknown_image", columns, row,
            f"is on image {columns.image_id[row]}, which the file does not list",
        )  # fmt: skip
    category_ids = [category.id for category in categories]
    lost = columns.category_known & ~np.isin(columns.category_id, category_ids) & bool(category_ids)
    for row in np.flatnonzero(lost):
        _error(
            findings, "unknown_category", columns, row,
            f"is of category {columns.category_id[row]}, which the file does not list",
        )  # fmt: skip


def check_lengths(
    columns: AnnotationColumns, categories: Sequence[Category], findings: Findings
) -> NDArray[np.bool_]:
    """Keypoint lists that are not as long as the skeleton needs.

    Returns:
        (N,) True where the list fits its skeleton or there is none.
    """
    size = skeleton_sizes(columns, categories)
    fits = columns.readable & (columns.length == 3 * size)
    absent = columns.readable & (columns.length == 0)
    # With size 0 the category itself is in error: it neither names keypoints nor can they be told.
    for row in np.flatnonzero(columns.readable & ~fits & ~absent & (size > 0)):
        _error(
            findings, "wrong_length", columns, row,
            f"has {columns.length[row]} keypoint values; {size[row]} keypoints need "
            f"{3 * size[row]}",
        )  # fmt: skip
    for row in np.flatnonzero(absent & (size > 0)):
        _remark(
            findings, "no_keypoint_list", columns, row,
            "has no keypoint list; it is shown without keypoints",
        )  # fmt: skip
    if len(size) and not (size > 0).any() and absent.all():
        findings.of(FILE).remark("no_keypoints", "No annotation of this file has keypoints.")
    fitting: NDArray[np.bool_] = fits | absent
    return fitting


def check_flags(
    columns: AnnotationColumns, categories: Sequence[Category], findings: Findings
) -> NDArray[np.bool_]:
    """Coordinates and flags that are no usable numbers, whatever the length of the list.

    Returns:
        (N,) True where all are usable.
    """
    usable = np.ones(len(columns.id), dtype=np.bool_)
    names = {c.id: c.skeleton.names for c in categories if c.skeleton}
    for length in np.unique(columns.length):
        if length == 0 or length % 3:
            continue
        rows = np.flatnonzero(columns.length == length)
        values = keypoint_lists(columns, rows, int(length))
        flags = values[:, 2::3]  # (n, K)
        finite = np.isfinite(values)
        known = (flags == 0) | (flags == 1) | (flags == 2)
        wrong = ~finite.all(axis=1) | ~known.all(axis=1)
        usable[rows] = ~wrong
        for n in np.flatnonzero(wrong):
            own = names.get(int(columns.category_id[rows[n]]), ())
            if 3 * len(own) != length:
                own = unnamed_skeleton(int(length) // 3).names
            _check_numbers(columns, int(rows[n]), values[n].reshape(-1, 3), own, findings)
    return usable


def _check_numbers(
    columns: AnnotationColumns,
    row: int,
    xyv: NDArray[np.float64],
    names: Sequence[str],
    findings: Findings,
) -> None:
    """Words for one annotation; `xyv` is (K, 3)."""
    finite = [all(map(isfinite, point)) for point in xyv.tolist()]
    infinite = [name for name, fine in zip(names, finite, strict=True) if not fine]
    if infinite:
        _error(
            findings, "not_finite", columns, row,
            f"has NaN or Infinity at {first_few(infinite)}; an unlabelled keypoint is 0, 0, 0",
        )  # fmt: skip
    flags = [
        f"v = {_plain(v)} at {name}"
        for name, (_, _, v), fine in zip(names, xyv.tolist(), finite, strict=True)
        if fine and v not in (0, 1, 2)
    ]
    if flags:
        _error(
            findings, "unknown_flag", columns, row,
            f"has {first_few(flags)}; a flag is 0, 1 or 2",
        )  # fmt: skip


def check_annotations(
    annotations: Annotations, categories: Sequence[Category], images: Images, findings: Findings
) -> None:
    """Everything remarkable about annotations; those on unknown images have no frame."""
    frame_wh_px = _frames(annotations, images)
    _check_boxes(annotations, frame_wh_px, findings)
    _check_places(annotations, categories, frame_wh_px, findings)


def counts_labelled(
    annotations: Annotations, usable: NDArray[np.bool_], findings: Findings
) -> bool:
    """Whether num_keypoints counts the keypoints with v > 0, as COCO means it.

    Another convention (CrowdPose's, for one) is told by more than half of the numbers differing;
    then they are one remark, else each wrong one is. Only `usable` keypoint lists are counted.
    """
    given = usable & (annotations.num_keypoints != MISSING_COUNT)
    labelled = (annotations.visibility > 0).sum(axis=1)
    wrong = given & (annotations.num_keypoints != labelled)
    if 2 * wrong.sum() > given.sum():
        findings.of(FILE).remark(
            "num_keypoints_convention",
            f"In {wrong.sum():,} of {given.sum():,} annotations num_keypoints is not the number "
            "of keypoints with v > 0. It is taken for another convention and kept as it is.",
        )
        return False
    for row in np.flatnonzero(wrong):
        _remark(
            findings, "wrong_num_keypoints", annotations, row,
            f"has num_keypoints {annotations.num_keypoints[row]}; "
            f"{labelled[row]} keypoints have v > 0",
        )  # fmt: skip
    return True


def _frames(annotations: Annotations, images: Images) -> NDArray[np.float64]:
    """(N, 2) width and height of each annotation's image; NaN where not known."""
    frames = np.full((len(annotations.id), 2), np.nan)
    if not len(images.id):
        return frames
    order = np.argsort(images.id)
    place = np.searchsorted(images.id[order], annotations.image_id).clip(max=len(order) - 1)
    place = order[place]
    found = images.id[place] == annotations.image_id
    found &= (images.size_wh_px[place] > 0).all(axis=1)
    frames[found] = images.size_wh_px[place[found]]
    return frames


def _check_boxes(
    annotations: Annotations, frame_wh_px: NDArray[np.float64], findings: Findings
) -> None:
    box = annotations.box_xywh_px
    empty = (box[:, 2:] <= 0).any(axis=1)
    for row in np.flatnonzero(empty):
        _remark(
            findings, "empty_box", annotations, row,
            f"has the box {_box(box[row])}, which holds no area",
        )  # fmt: skip
    over = (box[:, :2] < -BOX_TOLERANCE_PX) | (
        box[:, :2] + box[:, 2:] > frame_wh_px + BOX_TOLERANCE_PX
    )
    for row in np.flatnonzero(over.any(axis=1)):
        width, height = frame_wh_px[row]
        _remark(
            findings, "box_outside_image", annotations, row,
            f"has the box {_box(box[row])}, which passes the {_plain(width)} x {_plain(height)} "
            f"frame of image {annotations.image_id[row]}",
        )  # fmt: skip


def _check_places(
    annotations: Annotations,
    categories: Sequence[Category],
    frame_wh_px: NDArray[np.float64],
    findings: Findings,
) -> None:
    """Coordinates that do not go with their flag or with the frame, one remark per person."""
    skeletons = {c.id: c.skeleton for c in categories}
    xy = annotations.xy_image_px
    labelled = annotations.visibility > 0  # (N, K), as all below
    x, y = xy[:, :, 0], xy[:, :, 1]
    width, height = frame_wh_px[:, :1], frame_wh_px[:, 1:]
    at_origin = (x == 0) & (y == 0)
    outside = (x < 0) | (y < 0) | (x > width) | (y > height)
    rules = (
        ("unlabelled_with_place", ~labelled & ~at_origin, "v = 0 and yet coordinates"),
        ("labelled_at_origin", labelled & at_origin, "v > 0 at (0, 0)"),
        ("keypoint_outside_image", labelled & outside, "a place outside the image"),
    )
    for rule, found, problem in rules:
        for row in np.flatnonzero(found.any(axis=1)):
            skeleton = skeletons[int(annotations.category_id[row])]
            assert skeleton is not None  # columns beyond a skeleton are 0
            names = [skeleton.names[k] for k in np.flatnonzero(found[row])]
            _remark(findings, rule, annotations, row, f"has {problem}: {first_few(names)}")


def _error(
    findings: Findings,
    rule: str,
    annotations: AnnotationColumns | Annotations,
    row: int | np.integer,
    problem: str,
) -> None:
    annotation_id = int(annotations.id[row])
    message = f"Annotation {annotation_id} {problem}."
    findings.error(rule, message, row=int(row), annotation_id=annotation_id)


def _remark(
    findings: Findings,
    rule: str,
    annotations: AnnotationColumns | Annotations,
    row: int | np.integer,
    problem: str,
) -> None:
    annotation_id = int(annotations.id[row])
    message = f"Annotation {annotation_id} {problem}."
    findings.remark(rule, message, row=int(row), annotation_id=annotation_id)


def _plain(number: float | np.floating) -> str:
    """A number as people write it: 640, 0.087."""
    whole = float(number).is_integer() and abs(float(number)) < _FIRST_POWER
    return str(int(number)) if whole else repr(float(number))


def _box(box: NDArray[np.float64]) -> str:
    return f"[{', '.join(_plain(number) for number in box)}]"
