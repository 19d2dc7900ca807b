"""What lists and screens show: light descriptions of datasets, images, people and runs."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.data.dataset import Category
from core.data.prediction import Prediction
from core.data.report import RuleCount
from core.data.review import Held, Label, Verdict


@dataclass(frozen=True)
class ClassCount:
    """How often a keypoint of a category carries each flag: `counts[v]` for v = 0, 1, 2."""

    category_id: int
    keypoint: str
    counts: tuple[int, int, int]


@dataclass(frozen=True)
class DatasetInfo:
    """One imported dataset, as lists show it."""

    id: int
    name: str
    created_at: datetime
    source_name: str
    source_file: str  # relative to the data directory
    source_sha256: str
    images_dir: Path | None
    categories: tuple[Category, ...]
    counts_labelled: bool
    info: str
    licences: tuple[str, ...]
    num_images: int
    num_annotations: int
    class_counts: tuple[ClassCount, ...]
    remarks: tuple[RuleCount, ...]


@dataclass(frozen=True)
class ImageInfo:
    """One image of a dataset; `id` is the file's, `position` its place in the file from 0."""

    id: int
    position: int
    file_name: str
    size_wh_px: tuple[int, int]
    num_annotations: int


@dataclass(frozen=True)
class FoundBy:
    """What found the people of a run.

    Attributes:
        name: of a detector, or of a model that finds people by itself.
        sha256: of its weights.
        min_score: people it was less sure of were left out.
    """

    name: str
    sha256: str
    min_score: float


@dataclass(frozen=True)
class RunInfo:
    """One model's pass over a dataset.

    Attributes:
        box_source: annotated | detected.
        found_by: of a detected one; None where annotated boxes were looked at.
    """

    name: str
    model: str
    checkpoint_sha256: str
    keypoint_names: tuple[str, ...]
    box_source: str
    created_at: datetime
    num_predictions: int
    found_by: FoundBy | None = None


@dataclass(frozen=True)
class Person:
    """One annotation with everything a screen needs of it.

    Attributes:
        annotation_id, image_id, category_id: the file's ids.
        box_xywh_px: image frame; None where the annotation has no box.
        given: K imported labels (empty without a keypoint list).
        current: K labels after the verdicts of the label set looked at.
        revision: K revisions, 0 = never touched.
        reviewed: K, True where the last verdict decides (anything but UNSURE or back at none).
        prediction: of the run looked at, in that run's keypoint order; None without one.
        history: K, every verdict of the label set looked at, oldest first.
        held: K, how each keypoint stands in the label set looked at.
    """

    annotation_id: int
    image_id: int
    category_id: int
    box_xywh_px: tuple[float, float, float, float] | None
    iscrowd: bool
    given: tuple[Label, ...]
    current: tuple[Label, ...]
    revision: tuple[int, ...]
    reviewed: tuple[bool, ...]
    prediction: Prediction | None = None
    history: tuple[tuple[Verdict, ...], ...] = ()
    held: tuple[Held, ...] = ()


@dataclass(frozen=True)
class WorkerInfo:
    """One worker process.

    Attributes:
        name: stable over restarts.
        url: of its endpoint for interactive predictions.
        device: what it computes on, in words; empty until it knows.
        seen_at: its last heartbeat.
    """

    name: str
    url: str
    device: str
    started_at: datetime
    seen_at: datetime
