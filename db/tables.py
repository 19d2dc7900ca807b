"""The tables. Rows never leave this room: repositories turn them into core types."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# SQLite numbers rows by itself only in a column declared INTEGER.
Key = BigInteger().with_variant(Integer(), "sqlite")


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can refer to it on any database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class DatasetRow(Base):
    """One imported file. Visible to anybody only when `state` is `ready`.

    `name` is null while importing or deleting, so that a name is free until it is earned.
    """

    __tablename__ = "dataset"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str | None] = mapped_column(String(200), unique=True)
    state: Mapped[str] = mapped_column(String(20), index=True)  # importing | ready | deleting
    # Held as an OS lock by the importing process: a free lock means the import died.
    lock_file: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    source_file: Mapped[str] = mapped_column(Text)  # relative to the data directory, as it came
    source_name: Mapped[str] = mapped_column(Text)  # what the user called it
    source_sha256: Mapped[str] = mapped_column(String(64))
    images_dir: Mapped[str] = mapped_column(Text)  # absolute; empty: none
    counts_labelled: Mapped[bool]  # num_keypoints counts v > 0
    info: Mapped[str] = mapped_column(Text, default="")
    licences: Mapped[list[str]] = mapped_column(JSON)
    num_images: Mapped[int]
    num_annotations: Mapped[int]
    # [{category_id, keypoint: name, counts: [n0, n1, n2]}] of the imported labels
    class_counts: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    # [{severity, rule, count, examples}]
    remarks: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class CategoryRow(Base):
    """One category of a dataset; without keypoints `keypoint_names` is null."""

    __tablename__ = "category"
    __table_args__ = (UniqueConstraint("dataset_id", "coco_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id"))
    coco_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(Text)
    keypoint_names: Mapped[list[str] | None] = mapped_column(JSON)
    named: Mapped[bool]
    edges: Mapped[list[list[int]]] = mapped_column(JSON)  # pairs from 0


class ImageRow(Base):
    """One image of a dataset."""

    __tablename__ = "image"
    __table_args__ = (
        UniqueConstraint("dataset_id", "coco_id"),
        Index(None, "dataset_id", "position"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id"))
    coco_id: Mapped[int] = mapped_column(BigInteger)
    position: Mapped[int]  # place in the file, from 0
    file_name: Mapped[str] = mapped_column(Text)
    width_px: Mapped[int]
    height_px: Mapped[int]
    num_annotations: Mapped[int]


class AnnotationRow(Base):
    """One annotation (person), its imported label packed, its place in the source file."""

    __tablename__ = "annotation"
    __table_args__ = (
        UniqueConstraint("dataset_id", "coco_id"),
        Index(None, "dataset_id", "position"),
        Index(None, "image_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id"))
    image_id: Mapped[int] = mapped_column(ForeignKey("image.id"))
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    coco_id: Mapped[int] = mapped_column(BigInteger)
    position: Mapped[int]  # place in the file, from 0
    box_x: Mapped[float | None]
    box_y: Mapped[float | None]
    box_w: Mapped[float | None]
    box_h: Mapped[float | None]
    area_px2: Mapped[float | None]
    iscrowd: Mapped[bool]
    num_keypoints: Mapped[int | None]
    size: Mapped[int]  # keypoints in the list; 0 without one
    xy: Mapped[bytes] = mapped_column(LargeBinary)  # (size, 2) float64 little-endian, image px
    visibility: Mapped[bytes] = mapped_column(LargeBinary)  # (size,) uint8
    span_start: Mapped[int] = mapped_column(BigInteger)  # bytes in the decompressed source
    span_end: Mapped[int] = mapped_column(BigInteger)


class VerdictRow(Base):
    """One decision on one keypoint; appended, never changed.

    The unique key is what refuses the second of two writers who saw the same revision.
    """

    __tablename__ = "verdict"
    __table_args__ = (
        UniqueConstraint("label_set", "annotation_id", "keypoint", "revision"),
        Index(None, "dataset_id", "label_set", "annotation_id"),
        Index(None, "step"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id"))
    label_set: Mapped[str] = mapped_column(String(200))
    annotation_id: Mapped[int] = mapped_column(ForeignKey("annotation.id"))
    keypoint: Mapped[int]
    revision: Mapped[int]  # from 1
    kind: Mapped[str] = mapped_column(String(20))
    step: Mapped[str] = mapped_column(String(40))
    undoes: Mapped[str | None] = mapped_column(String(40))
    from_x: Mapped[float]
    from_y: Mapped[float]
    from_v: Mapped[int]
    to_x: Mapped[float]
    to_y: Mapped[float]
    to_v: Mapped[int]
    annotator: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str] = mapped_column(Text, default="")
    run: Mapped[str | None] = mapped_column(String(200))
    p0: Mapped[float | None]
    p1: Mapped[float | None]
    p2: Mapped[float | None]


class RunRow(Base):
    """One model's pass over a dataset. Visible only when `state` is `ready`."""

    __tablename__ = "run"
    __table_args__ = (UniqueConstraint("dataset_id", "name"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id"))
    name: Mapped[str | None] = mapped_column(String(200))  # null until ready
    state: Mapped[str] = mapped_column(String(20))  # predicting | ready | deleting
    lock_file: Mapped[str] = mapped_column(String(200), default="")
    model: Mapped[str] = mapped_column(String(200))
    checkpoint_sha256: Mapped[str] = mapped_column(String(64))
    keypoint_names: Mapped[list[str]] = mapped_column(JSON)  # of the model, prediction order
    box_source: Mapped[str] = mapped_column(String(20))  # annotated | detected
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    num_predictions: Mapped[int]


class PredictionRow(Base):
    """One person as a run saw it; arrays packed float32 little-endian, null where not predicted."""

    __tablename__ = "prediction"
    __table_args__ = (
        UniqueConstraint("run_id", "annotation_id"),
        Index(None, "run_id", "image_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    image_id: Mapped[int] = mapped_column(ForeignKey("image.id"))
    annotation_id: Mapped[int | None] = mapped_column(ForeignKey("annotation.id"))
    person_index: Mapped[int]
    fold: Mapped[int | None]
    box_xywh: Mapped[bytes] = mapped_column(LargeBinary)
    xy: Mapped[bytes] = mapped_column(LargeBinary)
    heat_score: Mapped[bytes | None] = mapped_column(LargeBinary)
    presence: Mapped[bytes | None] = mapped_column(LargeBinary)
    visible: Mapped[bytes | None] = mapped_column(LargeBinary)
    vis3: Mapped[bytes | None] = mapped_column(LargeBinary)
    keypoint_similarity: Mapped[bytes | None] = mapped_column(LargeBinary)
    map_score: Mapped[bytes | None] = mapped_column(LargeBinary)
    pose_scores: Mapped[dict[str, float]] = mapped_column(JSON)
