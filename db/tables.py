"""The tables. Rows never leave this room: repositories turn them into core types.

Ids of images, categories and annotations are the file's own, unique inside their dataset, so
that nothing has to be translated on the way in or out.
"""

import unicodedata
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from core.data.review import TABLE_STEP

# SQLite numbers rows by itself only in a column declared INTEGER.
Key = BigInteger().with_variant(Integer(), "sqlite")


def storable(words: str) -> str:
    """The text as databases can hold it.

    JSON may hold NUL and half surrogate pairs, which no database stores: they become U+FFFD.
    The source file keeps the true spelling.
    """
    if words.isascii() and "\0" not in words:
        return words
    whole = words.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\0", "\ufffd")


def is_one_line(words: str, most: int) -> bool:
    """True for 1 to `most` characters, not all blank, without breaks and control characters."""
    if not words.strip() or len(words) > most:
        return False
    return not any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} for letter in words)


class PlainText(TypeDecorator[str]):
    """Text of a file, of any length, made `storable`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text with what cannot be stored replaced."""
        return None if value is None else storable(value)


class UtcTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite itself keeps no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The same moment in UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment, aware of its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can refer to it on any database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
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
    # An id is never given twice: addresses of photos carry it and are kept by browsers.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str | None] = mapped_column(String(200), unique=True)
    state: Mapped[str] = mapped_column(String(20))  # importing | ready | deleting
    # Held as an OS lock by the importing process: a free lock means the import died.
    lock_file: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    source_file: Mapped[str] = mapped_column(PlainText)  # relative to the data directory
    source_name: Mapped[str] = mapped_column(PlainText)  # what the user called it
    source_sha256: Mapped[str] = mapped_column(String(64))
    images_dir: Mapped[str] = mapped_column(PlainText)  # absolute; empty: none
    counts_labelled: Mapped[bool]  # num_keypoints counts v > 0
    info: Mapped[str] = mapped_column(PlainText)
    licences: Mapped[list[str]] = mapped_column(JSON)
    num_images: Mapped[int]
    num_annotations: Mapped[int]
    # [{category_id, keypoint: name, counts: [n0, n1, n2]}] of the imported labels
    class_counts: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    # [{severity, rule, count, examples}]
    remarks: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class CategoryRow(Base):
    """One category of a dataset; without keypoints `keypoint_names` is an SQL null."""

    __tablename__ = "category"

    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id"), primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    position: Mapped[int]  # place in the file, from 0
    name: Mapped[str] = mapped_column(PlainText)
    keypoint_names: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    named: Mapped[bool]
    edges: Mapped[list[list[int]]] = mapped_column(JSON)  # pairs from 0


class ImageRow(Base):
    """One image of a dataset."""

    __tablename__ = "image"
    __table_args__ = (Index(None, "dataset_id", "position"),)

    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id"), primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    position: Mapped[int]  # place in the file, from 0
    file_name: Mapped[str] = mapped_column(PlainText)
    width_px: Mapped[int]
    height_px: Mapped[int]
    num_annotations: Mapped[int]


class AnnotationRow(Base):
    """One annotation (person), its imported label packed, its place in the source file."""

    __tablename__ = "annotation"
    __table_args__ = (
        ForeignKeyConstraint(["dataset_id", "image_id"], ["image.dataset_id", "image.id"]),
        ForeignKeyConstraint(["dataset_id", "category_id"], ["category.dataset_id", "category.id"]),
        Index(None, "dataset_id", "image_id"),
    )

    dataset_id: Mapped[int] = mapped_column(Key, primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    image_id: Mapped[int] = mapped_column(BigInteger)
    category_id: Mapped[int] = mapped_column(BigInteger)
    position: Mapped[int]  # place in the file, from 0
    box_x: Mapped[float | None]
    box_y: Mapped[float | None]
    box_w: Mapped[float | None]
    box_h: Mapped[float | None]
    area_px2: Mapped[float | None]
    iscrowd: Mapped[bool]
    num_keypoints: Mapped[int | None] = mapped_column(BigInteger)
    xy: Mapped[bytes] = mapped_column(LargeBinary)  # (size, 2) float64 little-endian, image px
    visibility: Mapped[bytes] = mapped_column(LargeBinary)  # (size,) uint8; empty without a list
    span_start: Mapped[int] = mapped_column(BigInteger)  # bytes in the decompressed source
    span_end: Mapped[int] = mapped_column(BigInteger)


# A table of verdicts may hold a hundred thousand: what an annotator did by hand is found past them.
IS_IN_LOG = text(f"substr(step, 1, {len(TABLE_STEP)}) <> '{TABLE_STEP}'")
_IN_LOG: dict[str, Any] = {"sqlite_where": IS_IN_LOG, "postgresql_where": IS_IN_LOG}
_WHOSE = ("dataset_id", "label_set", "annotator")
_UNDOES = text("undoes IS NOT NULL")
_TAKES_BACK: dict[str, Any] = {"sqlite_where": _UNDOES, "postgresql_where": _UNDOES}


class VerdictRow(Base):
    """One decision on one keypoint; appended, never changed.

    The unique key is what refuses the second of two writers who saw the same revision.
    """

    __tablename__ = "verdict"
    __table_args__ = (
        UniqueConstraint("dataset_id", "label_set", "annotation_id", "keypoint", "revision"),
        ForeignKeyConstraint(
            ["dataset_id", "annotation_id"], ["annotation.dataset_id", "annotation.id"]
        ),
        Index("ix_verdict_new", "dataset_id", "label_set", "id"),
        Index("ix_verdict_own", *_WHOSE, "id", **_IN_LOG),
        Index("ix_verdict_own_step", *_WHOSE, "step", **_IN_LOG),
        Index("ix_verdict_own_undoes", *_WHOSE, "undoes", **_TAKES_BACK),
        Index("ix_verdict_annotator_at", "annotator", "at", **_IN_LOG),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    dataset_id: Mapped[int] = mapped_column(Key)
    label_set: Mapped[str] = mapped_column(String(200))
    annotation_id: Mapped[int] = mapped_column(BigInteger)
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
    at: Mapped[datetime] = mapped_column(UtcTime)
    reason: Mapped[str] = mapped_column(PlainText)
    run: Mapped[str | None] = mapped_column(String(200))
    p0: Mapped[float | None]
    p1: Mapped[float | None]
    p2: Mapped[float | None]


class DeskRow(Base):
    """Where an annotator sits: what is on screen, what was handed out to come next."""

    __tablename__ = "desk"
    __table_args__ = (
        ForeignKeyConstraint(
            ["dataset_id", "annotation_id"], ["annotation.dataset_id", "annotation.id"]
        ),
    )

    dataset_id: Mapped[int] = mapped_column(Key, primary_key=True)
    label_set: Mapped[str] = mapped_column(String(200), primary_key=True)
    annotator: Mapped[str] = mapped_column(String(200), primary_key=True)
    annotation_id: Mapped[int] = mapped_column(BigInteger)
    keypoint: Mapped[int | None]
    ahead: Mapped[list[int]] = mapped_column(JSON)  # annotation ids
    seen_at: Mapped[datetime] = mapped_column(UtcTime)


class RunRow(Base):
    """One model's pass over a dataset. Visible only when `state` is `ready`."""

    __tablename__ = "run"
    __table_args__ = (
        UniqueConstraint("dataset_id", "name"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id"))
    name: Mapped[str | None] = mapped_column(String(200))  # null until ready
    state: Mapped[str] = mapped_column(String(20))  # predicting | ready | deleting
    lock_file: Mapped[str] = mapped_column(String(200))  # empty where a job makes it
    job_id: Mapped[str | None] = mapped_column(String(64))  # of the job that makes it
    model: Mapped[str] = mapped_column(String(200))
    checkpoint_sha256: Mapped[str] = mapped_column(String(64))
    keypoint_names: Mapped[list[str]] = mapped_column(JSON)  # of the model, prediction order
    box_source: Mapped[str] = mapped_column(String(20))  # annotated | detected
    # What found the people of a detected run, the SHA-256 of its weights, its limit; else null.
    finder: Mapped[str | None] = mapped_column(String(200))
    finder_sha256: Mapped[str | None] = mapped_column(String(64))
    min_score: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    num_predictions: Mapped[int]


class PredictionRow(Base):
    """One person as a run saw it; arrays packed float32 little-endian, null where not predicted.

    Image and annotation ids are those of the run's dataset, which outlives its runs.
    """

    __tablename__ = "prediction"
    __table_args__ = (
        UniqueConstraint("run_id", "annotation_id"),
        # A detected person has no annotation; a step that runs again must not see it twice.
        UniqueConstraint("run_id", "image_id", "person_index"),
        Index(None, "run_id", "matched_annotation_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    image_id: Mapped[int] = mapped_column(BigInteger)
    annotation_id: Mapped[int | None] = mapped_column(BigInteger)
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
    # The annotation that a detected person is, and how alike they are, 0..1.
    matched_annotation_id: Mapped[int | None] = mapped_column(BigInteger)
    likeness: Mapped[float | None]


class WorkerRow(Base):
    """One worker process, as long as it lives and a while after."""

    __tablename__ = "worker"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)  # stable over restarts
    url: Mapped[str] = mapped_column(String(500))  # of its endpoint for interactive predictions
    device: Mapped[str] = mapped_column(String(200))  # in words; empty until known
    started_at: Mapped[datetime] = mapped_column(UtcTime)
    seen_at: Mapped[datetime] = mapped_column(UtcTime)  # its last heartbeat
