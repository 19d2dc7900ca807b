"""Desks, and what makes an annotator's own steps quick to find."""

import sqlalchemy as sa
from alembic import op

from db import tables

revision = "0003_desks"
down_revision = "0002_jobs_and_workers"
branch_labels = None
depends_on = None

_IN_LOG = sa.text("substr(step, 1, 6) <> 'table-'")
_UNDOES = sa.text("undoes IS NOT NULL")


def upgrade() -> None:
    """Add `desk` and the indexes of the undo log and of a day's work."""
    op.create_table(
        "desk",
        sa.Column("dataset_id", tables.Key, nullable=False),
        sa.Column("label_set", sa.String(length=200), nullable=False),
        sa.Column("annotator", sa.String(length=200), nullable=False),
        sa.Column("annotation_id", sa.BigInteger(), nullable=False),
        sa.Column("keypoint", sa.Integer(), nullable=True),
        sa.Column("ahead", sa.JSON(), nullable=False),
        sa.Column("seen_at", tables.UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id", "annotation_id"],
            ["annotation.dataset_id", "annotation.id"],
            name=op.f("fk_desk_dataset_id_annotation_id_annotation"),
        ),
        sa.PrimaryKeyConstraint("dataset_id", "label_set", "annotator", name=op.f("pk_desk")),
    )
    whose = ["dataset_id", "label_set", "annotator"]
    for name, column, where in (
        ("ix_verdict_own", "id", _IN_LOG),
        ("ix_verdict_own_step", "step", _IN_LOG),
        ("ix_verdict_own_undoes", "undoes", _UNDOES),
    ):
        columns = [*whose, column]
        op.create_index(name, "verdict", columns, sqlite_where=where, postgresql_where=where)
    op.create_index(
        "ix_verdict_annotator_at",
        "verdict",
        ["annotator", "at"],
        sqlite_where=_IN_LOG,
        postgresql_where=_IN_LOG,
    )
