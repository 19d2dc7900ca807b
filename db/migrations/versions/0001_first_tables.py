"""The first tables."""

import sqlalchemy as sa
from alembic import op

from db import tables

revision = "0001_first_tables"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The first tables."""
    op.create_table(
        "dataset",
        sa.Column("id", tables.Key, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("lock_file", sa.String(length=200), nullable=False),
        sa.Column("created_at", tables.UtcTime(timezone=True), nullable=False),
        sa.Column("source_file", tables.PlainText(), nullable=False),
        sa.Column("source_name", tables.PlainText(), nullable=False),
        sa.Column("source_sha256", sa.String(length=64), nullable=False),
        sa.Column("images_dir", tables.PlainText(), nullable=False),
        sa.Column("counts_labelled", sa.Boolean(), nullable=False),
        sa.Column("info", tables.PlainText(), nullable=False),
        sa.Column("licences", sa.JSON(), nullable=False),
        sa.Column("num_images", sa.Integer(), nullable=False),
        sa.Column("num_annotations", sa.Integer(), nullable=False),
        sa.Column("class_counts", sa.JSON(), nullable=False),
        sa.Column("remarks", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset")),
        sa.UniqueConstraint("name", name=op.f("uq_dataset_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "category",
        sa.Column("dataset_id", tables.Key, nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", tables.PlainText(), nullable=False),
        sa.Column("keypoint_names", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("edges", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name=op.f("fk_category_dataset_id_dataset")
        ),
        sa.PrimaryKeyConstraint("dataset_id", "id", name=op.f("pk_category")),
    )
    op.create_table(
        "image",
        sa.Column("dataset_id", tables.Key, nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("file_name", tables.PlainText(), nullable=False),
        sa.Column("width_px", sa.Integer(), nullable=False),
        sa.Column("height_px", sa.Integer(), nullable=False),
        sa.Column("num_annotations", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name=op.f("fk_image_dataset_id_dataset")
        ),
        sa.PrimaryKeyConstraint("dataset_id", "id", name=op.f("pk_image")),
    )
    op.create_index(op.f("ix_image_dataset_id_position"), "image", ["dataset_id", "position"])
    op.create_table(
        "run",
        sa.Column("id", tables.Key, nullable=False),
        sa.Column("dataset_id", tables.Key, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("lock_file", sa.String(length=200), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("checkpoint_sha256", sa.String(length=64), nullable=False),
        sa.Column("keypoint_names", sa.JSON(), nullable=False),
        sa.Column("box_source", sa.String(length=20), nullable=False),
        sa.Column("created_at", tables.UtcTime(timezone=True), nullable=False),
        sa.Column("num_predictions", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name=op.f("fk_run_dataset_id_dataset")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sa.UniqueConstraint("dataset_id", "name", name=op.f("uq_run_dataset_id_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "annotation",
        sa.Column("dataset_id", tables.Key, nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("image_id", sa.BigInteger(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("box_x", sa.Double(), nullable=True),
        sa.Column("box_y", sa.Double(), nullable=True),
        sa.Column("box_w", sa.Double(), nullable=True),
        sa.Column("box_h", sa.Double(), nullable=True),
        sa.Column("area_px2", sa.Double(), nullable=True),
        sa.Column("iscrowd", sa.Boolean(), nullable=False),
        sa.Column("num_keypoints", sa.BigInteger(), nullable=True),
        sa.Column("xy", sa.LargeBinary(), nullable=False),
        sa.Column("visibility", sa.LargeBinary(), nullable=False),
        sa.Column("span_start", sa.BigInteger(), nullable=False),
        sa.Column("span_end", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id", "category_id"],
            ["category.dataset_id", "category.id"],
            name=op.f("fk_annotation_dataset_id_category_id_category"),
        ),
        sa.ForeignKeyConstraint(
            ["dataset_id", "image_id"],
            ["image.dataset_id", "image.id"],
            name=op.f("fk_annotation_dataset_id_image_id_image"),
        ),
        sa.PrimaryKeyConstraint("dataset_id", "id", name=op.f("pk_annotation")),
    )
    op.create_index(
        op.f("ix_annotation_dataset_id_image_id"), "annotation", ["dataset_id", "image_id"]
    )
    op.create_table(
        "prediction",
        sa.Column("id", tables.Key, nullable=False),
        sa.Column("run_id", tables.Key, nullable=False),
        sa.Column("image_id", sa.BigInteger(), nullable=False),
        sa.Column("annotation_id", sa.BigInteger(), nullable=True),
        sa.Column("person_index", sa.Integer(), nullable=False),
        sa.Column("fold", sa.Integer(), nullable=True),
        sa.Column("box_xywh", sa.LargeBinary(), nullable=False),
        sa.Column("xy", sa.LargeBinary(), nullable=False),
        sa.Column("heat_score", sa.LargeBinary(), nullable=True),
        sa.Column("presence", sa.LargeBinary(), nullable=True),
        sa.Column("visible", sa.LargeBinary(), nullable=True),
        sa.Column("vis3", sa.LargeBinary(), nullable=True),
        sa.Column("keypoint_similarity", sa.LargeBinary(), nullable=True),
        sa.Column("map_score", sa.LargeBinary(), nullable=True),
        sa.Column("pose_scores", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_prediction_run_id_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prediction")),
        sa.UniqueConstraint(
            "run_id", "annotation_id", name=op.f("uq_prediction_run_id_annotation_id")
        ),
    )
    op.create_index(op.f("ix_prediction_run_id_image_id"), "prediction", ["run_id", "image_id"])
    op.create_table(
        "verdict",
        sa.Column("id", tables.Key, nullable=False),
        sa.Column("dataset_id", tables.Key, nullable=False),
        sa.Column("label_set", sa.String(length=200), nullable=False),
        sa.Column("annotation_id", sa.BigInteger(), nullable=False),
        sa.Column("keypoint", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("undoes", sa.String(length=40), nullable=True),
        sa.Column("from_x", sa.Double(), nullable=False),
        sa.Column("from_y", sa.Double(), nullable=False),
        sa.Column("from_v", sa.Integer(), nullable=False),
        sa.Column("to_x", sa.Double(), nullable=False),
        sa.Column("to_y", sa.Double(), nullable=False),
        sa.Column("to_v", sa.Integer(), nullable=False),
        sa.Column("annotator", sa.String(length=200), nullable=False),
        sa.Column("at", tables.UtcTime(timezone=True), nullable=False),
        sa.Column("reason", tables.PlainText(), nullable=False),
        sa.Column("run", sa.String(length=200), nullable=True),
        sa.Column("p0", sa.Double(), nullable=True),
        sa.Column("p1", sa.Double(), nullable=True),
        sa.Column("p2", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["dataset_id", "annotation_id"],
            ["annotation.dataset_id", "annotation.id"],
            name=op.f("fk_verdict_dataset_id_annotation_id_annotation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdict")),
        sa.UniqueConstraint(
            "dataset_id",
            "label_set",
            "annotation_id",
            "keypoint",
            "revision",
            name=op.f("uq_verdict_dataset_id_label_set_annotation_id_keypoint_revision"),
        ),
    )
