"""Turns core types into rows and back. Pure: no query here."""

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import Category, PoseDataset
from core.data.listing import ClassCount, DatasetInfo, FoundBy, ImageInfo, RunInfo
from core.data.prediction import FloatArray, Prediction
from core.data.report import CheckReport, RuleCount, Severity
from core.data.review import Label, Verdict, VerdictKind
from core.data.skeleton import Skeleton
from core.data.visibility import Visibility
from db.tables import (
    AnnotationRow,
    CategoryRow,
    DatasetRow,
    ImageRow,
    PredictionRow,
    RunRow,
    storable,
)

T = TypeVar("T")
_FLOAT64 = np.dtype("<f8")
_FLOAT32 = np.dtype("<f4")
IMAGE_COLUMNS = (
    "dataset_id", "id", "position", "file_name", "width_px", "height_px", "num_annotations"
)  # fmt: skip
ANNOTATION_COLUMNS = (
    "dataset_id", "id", "image_id", "category_id", "position", "box_x", "box_y", "box_w", "box_h",
    "area_px2", "iscrowd", "num_keypoints", "xy", "visibility", "span_start", "span_end",
)  # fmt: skip
PREDICTION_COLUMNS = (
    "run_id", "image_id", "annotation_id", "person_index", "fold", "pose_scores", "box_xywh", "xy",
    "heat_score", "presence", "visible", "vis3", "keypoint_similarity", "map_score",
    "matched_annotation_id", "likeness",
)  # fmt: skip
_ARRAYS = (
    "box_xywh_px", "xy_image_px",
    "heat_score", "presence", "visible", "vis3", "keypoint_similarity", "map_score",
)  # fmt: skip
_PER_KEYPOINT = ("heat_score", "presence", "visible", "keypoint_similarity", "map_score")
_FLAGS = tuple(Visibility)  # by value


def class_counts(dataset: PoseDataset) -> list[dict[str, Any]]:
    """How often each keypoint carries each flag, over all annotations with a keypoint list."""
    annotations, counts = dataset.annotations, []
    for category in dataset.categories:
        if category.skeleton is None:
            continue
        chosen = (annotations.category_id == category.id) & (annotations.size > 0)
        flags = annotations.visibility[chosen]  # (n, K)
        for k, name in enumerate(category.skeleton.names):
            found = np.bincount(flags[:, k], minlength=3) if len(flags) else np.zeros(3, np.int64)
            counts.append({"category_id": category.id, "keypoint": name, "counts": found.tolist()})
    return counts


def remark_values(report: CheckReport) -> list[dict[str, Any]]:
    """The findings of a report by rule, as JSON."""
    return [
        {"severity": r.severity, "rule": r.rule, "count": r.count, "examples": list(r.examples)}
        for r in report.by_rule()
    ]


def category_values(dataset: PoseDataset, dataset_id: int) -> list[dict[str, Any]]:
    """Rows of the categories, in file order."""
    return [
        {
            "dataset_id": dataset_id,
            "id": category.id,
            "position": position,
            "name": category.name,
            "keypoint_names": list(category.skeleton.names) if category.skeleton else None,
            "named": category.skeleton.named if category.skeleton else True,
            "edges": [list(edge) for edge in category.skeleton.edges] if category.skeleton else [],
        }
        for position, category in enumerate(dataset.categories)
    ]


def people_per_image(dataset: PoseDataset) -> NDArray[np.int64]:
    """(M,) how many annotations each image has."""
    ids, counts = np.unique(dataset.annotations.image_id, return_counts=True)
    if len(ids) == 0:
        return np.zeros(len(dataset.images.id), np.int64)
    place = np.minimum(np.searchsorted(ids, dataset.images.id), len(ids) - 1)
    return np.where(ids[place] == dataset.images.id, counts[place], 0)


def image_rows(
    dataset: PoseDataset, dataset_id: int, people: NDArray[np.int64], start: int, stop: int
) -> list[tuple[Any, ...]]:
    """`IMAGE_COLUMNS` of the images start..stop; `people` is (M,) of `people_per_image`."""
    images = dataset.images
    columns = zip(
        images.id[start:stop].tolist(),
        range(start, stop),
        images.file_name[start:stop],
        images.size_wh_px[start:stop].tolist(),
        people[start:stop].tolist(),
        strict=True,
    )
    return [
        (dataset_id, image_id, position, storable(file_name), width_px, height_px, count)
        for image_id, position, file_name, (width_px, height_px), count in columns
    ]


def annotation_rows(
    dataset: PoseDataset, dataset_id: int, start: int, stop: int
) -> list[tuple[Any, ...]]:
    """`ANNOTATION_COLUMNS` of the annotations start..stop."""
    a, chosen = dataset.annotations, slice(start, stop)
    width = a.visibility.shape[1]
    # One copy for the whole batch, then cut: far faster than one tobytes() per person.
    xy = a.xy_image_px[chosen].astype(_FLOAT64, copy=False).tobytes()
    flags = a.visibility[chosen].astype(np.uint8, copy=False).tobytes()
    begins = [n * width for n in range(stop - start)]
    sizes = a.size[chosen].tolist()
    boxes = _none_for_nan(a.box_xywh_px[chosen].T)
    return list(
        zip(
            [dataset_id] * (stop - start),
            a.id[chosen].tolist(),
            a.image_id[chosen].tolist(),
            a.category_id[chosen].tolist(),
            range(start, stop),
            *boxes,
            _none_for_nan(a.area_px2[chosen]),
            a.iscrowd[chosen].tolist(),
            [None if n < 0 else n for n in a.num_keypoints[chosen].tolist()],
            # two float64 per keypoint
            [xy[16 * b : 16 * (b + size)] for b, size in zip(begins, sizes, strict=True)],
            [flags[b : b + size] for b, size in zip(begins, sizes, strict=True)],
            *a.span_bytes[chosen].T.tolist(),
            strict=True,
        )
    )


def _none_for_nan(values: NDArray[np.float64]) -> list[Any]:
    """The values as Python lists, None in place of NaN."""
    if not np.isnan(values).any():
        return cast(list[Any], values.tolist())
    boxed = values.astype(object)
    boxed[np.isnan(values)] = None
    return cast(list[Any], boxed.tolist())


def dataset_info(row: DatasetRow, categories: Sequence[CategoryRow]) -> DatasetInfo:
    """A ready dataset as lists show it."""
    return DatasetInfo(
        id=row.id,
        name=row.name or "",
        created_at=row.created_at,
        source_name=row.source_name,
        source_file=row.source_file,
        source_sha256=row.source_sha256,
        images_dir=Path(row.images_dir) if row.images_dir else None,
        categories=tuple(category(c) for c in categories),
        counts_labelled=row.counts_labelled,
        info=row.info,
        licences=tuple(row.licences),
        num_images=row.num_images,
        num_annotations=row.num_annotations,
        class_counts=tuple(
            ClassCount(c["category_id"], c["keypoint"], _three(c["counts"]))
            for c in row.class_counts
        ),
        remarks=tuple(
            RuleCount(Severity(r["severity"]), r["rule"], r["count"], tuple(r["examples"]))
            for r in row.remarks
        ),
    )


def _three(values: Sequence[T]) -> tuple[T, T, T]:
    """One value per flag 0, 1, 2."""
    unlabelled, hidden, visible = values
    return unlabelled, hidden, visible


def category(row: CategoryRow) -> Category:
    """A category with its skeleton."""
    if row.keypoint_names is None:
        return Category(row.id, row.name, None)
    edges = tuple((a, b) for a, b in row.edges)
    return Category(row.id, row.name, Skeleton(tuple(row.keypoint_names), edges, row.named))


def image_info(row: ImageRow) -> ImageInfo:
    """An image as lists show it."""
    return ImageInfo(
        row.id, row.position, row.file_name, (row.width_px, row.height_px), row.num_annotations
    )


def labels(xy: bytes, visibility: bytes) -> tuple[Label, ...]:
    """The imported labels of an annotation, K of them; empty without a keypoint list."""
    places = struct.iter_unpack("<2d", xy)
    return tuple(Label(x, y, _FLAGS[v]) for (x, y), v in zip(places, visibility, strict=True))


def label_at(xy: bytes, visibility: bytes, keypoint: int) -> Label:
    """One of `labels`, without making the others."""
    x, y = struct.unpack_from("<2d", xy, 16 * keypoint)
    return Label(x, y, _FLAGS[visibility[keypoint]])


def box(row: AnnotationRow) -> tuple[float, float, float, float] | None:
    """The box in image pixels; None where the annotation has none."""
    if row.box_x is None or row.box_y is None or row.box_w is None or row.box_h is None:
        return None
    return row.box_x, row.box_y, row.box_w, row.box_h


def verdict_values(verdict: Verdict, dataset_id: int) -> dict[str, Any]:
    """The row of a verdict."""
    said = verdict.run_said or (None, None, None)
    return {
        "dataset_id": dataset_id,
        "label_set": verdict.label_set,
        "annotation_id": verdict.annotation_id,
        "keypoint": verdict.keypoint,
        "revision": verdict.revision,
        "kind": verdict.kind.value,
        "step": verdict.step,
        "undoes": verdict.undoes,
        "from_x": verdict.before.x_image_px,
        "from_y": verdict.before.y_image_px,
        "from_v": int(verdict.before.visibility),
        "to_x": verdict.after.x_image_px,
        "to_y": verdict.after.y_image_px,
        "to_v": int(verdict.after.visibility),
        "annotator": verdict.annotator,
        "at": verdict.at,
        "reason": verdict.reason,
        "run": verdict.run,
        "p0": said[0],
        "p1": said[1],
        "p2": said[2],
    }


def verdict(row: Sequence[Any]) -> Verdict:
    """One written decision, from all columns of its table in their order."""
    (
        _, _, label_set, annotation_id, keypoint, revision, kind, step, undoes,
        from_x, from_y, from_v, to_x, to_y, to_v, annotator, at, reason, run, *said,
    ) = row  # fmt: skip
    return Verdict(
        label_set=label_set,
        annotation_id=annotation_id,
        keypoint=keypoint,
        revision=revision,
        kind=VerdictKind(kind),
        step=step,
        undoes=undoes,
        before=Label(from_x, from_y, _FLAGS[from_v]),
        after=Label(to_x, to_y, _FLAGS[to_v]),
        annotator=annotator,
        at=at,
        reason=reason,
        run=run,
        run_said=None if None in said else _three(said),
    )


def run_info(row: RunRow) -> RunInfo:
    """A ready run as lists show it."""
    return RunInfo(
        name=row.name or "",
        model=row.model,
        checkpoint_sha256=row.checkpoint_sha256,
        keypoint_names=tuple(row.keypoint_names),
        box_source=row.box_source,
        created_at=row.created_at,
        num_predictions=row.num_predictions,
        found_by=_found_by(row),
    )


def _found_by(row: RunRow) -> FoundBy | None:
    if row.finder is None or row.finder_sha256 is None or row.min_score is None:
        return None
    return FoundBy(row.finder, row.finder_sha256, row.min_score)


def prediction_row(prediction: Prediction, run_id: int, fold: int | None) -> tuple[Any, ...]:
    """`PREDICTION_COLUMNS` of a prediction."""
    return (
        run_id,
        prediction.image_id,
        prediction.annotation_id,
        prediction.index,
        fold,
        json.dumps({name: float(value) for name, value in prediction.pose_scores.items()}),
        *(_packed(getattr(prediction, name)) for name in _ARRAYS),
        prediction.matched_annotation_id,
        prediction.likeness,
    )


def prediction(row: PredictionRow) -> Prediction:
    """One person as a run saw it."""
    vis3 = _unpacked(row.vis3)
    return Prediction(
        image_id=row.image_id,
        annotation_id=row.annotation_id,
        index=row.person_index,
        box_xywh_px=np.frombuffer(row.box_xywh, _FLOAT32),
        xy_image_px=np.frombuffer(row.xy, _FLOAT32).reshape(-1, 2),
        vis3=None if vis3 is None else vis3.reshape(-1, 3),
        pose_scores=dict(row.pose_scores),
        matched_annotation_id=row.matched_annotation_id,
        likeness=row.likeness,
        **{name: _unpacked(getattr(row, name)) for name in _PER_KEYPOINT},
    )


def _packed(values: FloatArray | None) -> bytes | None:
    return None if values is None else np.ascontiguousarray(values, _FLOAT32).tobytes()


def _unpacked(packed: bytes | None) -> FloatArray | None:
    return None if packed is None else np.frombuffer(packed, _FLOAT32)
