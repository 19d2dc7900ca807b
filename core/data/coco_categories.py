"""The categories of a COCO file: which keypoints a person has."""

from typing import Any

import numpy as np

from core.data.coco_columns import AnnotationColumns
from core.data.dataset import Category
from core.data.findings import Findings
from core.data.json_values import id_problem, shorten, storable, whole_number
from core.data.skeleton import Skeleton, edges_from_coco, unnamed_skeleton

MAX_KEYPOINTS = 1000  # per person: every annotation gets this many columns at most


def read_categories(
    entries: list[Any], annotations: AnnotationColumns, findings: Findings
) -> tuple[Category, ...]:
    """Categories in file order; those that cannot be used become errors."""
    categories: dict[int, Category] = {}
    for row, entry in enumerate(entries):
        if type(entry) is not dict:
            message = f"Category number {row + 1} is {shorten(entry)}, not an object."
            findings.error("not_a_category", message, row=row)
            continue
        category_id = whole_number(entry.get("id"))
        if category_id is None:
            message = f"Category number {row + 1} {id_problem('id', entry.get('id'))}."
            findings.error("bad_category_id", message, row=row)
            continue
        if category_id in categories:
            message = f"Category id {category_id} is used more than once; ids must differ."
            findings.error("duplicate_category_id", message, row=row)
            continue
        name = entry.get("name")
        name = storable(name) if type(name) is str else f"category {category_id}"
        reader = _SkeletonReader(f"Category {category_id} ({name})", row, findings)
        skeleton = reader.skeleton(entry, category_id, annotations)
        categories[category_id] = Category(category_id, name, skeleton)
    return tuple(categories.values())


class _SkeletonReader:
    """Reads the keypoints of one category; `who` names it in messages."""

    def __init__(self, who: str, row: int, findings: Findings) -> None:
        self._who = who
        self._row = row
        self._findings = findings

    def skeleton(
        self, entry: dict[str, Any], category_id: int, annotations: AnnotationColumns
    ) -> Skeleton | None:
        """Named by the file, else as long as its annotations are, else None."""
        names = entry.get("keypoints")
        if names is None or names == []:
            size, names = self._size_of_annotations(category_id, annotations), None
        elif type(names) is not list or set(map(type, names)) != {str}:
            self._error(
                "bad_keypoint_names", f"has keypoints {shorten(names)}; they are a list of names"
            )
            return None
        else:
            size = len(names)
        if size == 0:
            return None
        if size > MAX_KEYPOINTS:
            self._error(
                "too_many_keypoints",
                f"has {size:,} keypoints; at most {MAX_KEYPOINTS:,} can be worked with",
            )
            return None
        edges = self._edges(entry.get("skeleton"), size)
        if names is None:
            return Skeleton(unnamed_skeleton(size).names, edges, named=False)
        return self._named(tuple(map(storable, names)), edges)

    def _named(self, names: tuple[str, ...], edges: tuple[tuple[int, int], ...]) -> Skeleton:
        """Names that do not tell keypoints apart are as good as none."""
        doubled = sorted({name for name in names if names.count(name) > 1})
        if not doubled and all(name.strip() for name in names):
            return Skeleton(names, edges)
        problem = f"the name {shorten(doubled[0])} twice" if doubled else "a keypoint without name"
        self._remark("unclear_keypoint_names", f"has {problem}; its keypoints are numbered instead")
        return Skeleton(unnamed_skeleton(len(names)).names, edges, named=False)

    def _size_of_annotations(self, category_id: int, annotations: AnnotationColumns) -> int:
        """How many keypoints the annotations have where the category names none."""
        lengths = annotations.length * (
            annotations.category_known & (annotations.category_id == category_id)
        )
        found, rows = np.unique(lengths, return_index=True)
        found, rows = found[found > 0], rows[found > 0]
        if len(found) == 0:
            return 0
        if len(found) > 1:
            examples = [
                f"{length} values (annotation {annotations.id[row]})"
                for length, row in zip(found, rows, strict=True)
            ]
            self._error(
                "unclear_keypoint_count",
                f"names no keypoints, and its annotations differ: {', '.join(examples[:3])}",
            )
            return 0
        if found[0] % 3:
            self._error(
                "unclear_keypoint_count",
                f"names no keypoints, and its annotations have {found[0]} values; "
                "a keypoint has three (x, y, v)",
            )
            return 0
        self._remark(
            "unnamed_keypoints",
            f"names no keypoints; its annotations have {found[0] // 3}, numbered from 1",
        )
        return int(found[0]) // 3

    def _edges(self, pairs: Any, size: int) -> tuple[tuple[int, int], ...]:
        """The skeleton's edges; what is no edge is remarked and left out."""
        if pairs is None:
            return ()
        entries = pairs if type(pairs) is list else [pairs]
        good = [pair for pair in entries if _is_edge(pair)]
        edges = edges_from_coco([(int(a), int(b)) for a, b in good], size)
        odd = [pair for pair in entries if not _is_edge(pair)]
        outside = [pair for pair in good if not edges_from_coco([pair], size)]
        if odd:
            self._remark(
                "bad_skeleton",
                f"has {shorten(odd[0])} in its skeleton, which is no pair of keypoint numbers",
            )
        if outside:
            shown = ", ".join(shorten(pair) for pair in outside[:3])
            self._remark(
                "edge_outside_skeleton",
                f"has {len(outside)} skeleton edges outside 1..{size}, left out: {shown}",
            )
        return edges

    def _error(self, rule: str, problem: str) -> None:
        self._findings.error(rule, f"{self._who} {problem}.", row=self._row)

    def _remark(self, rule: str, problem: str) -> None:
        self._findings.remark(rule, f"{self._who} {problem}.", row=self._row)


def _is_edge(pair: Any) -> bool:
    return (
        type(pair) is list and len(pair) == 2 and all(whole_number(end) is not None for end in pair)
    )
