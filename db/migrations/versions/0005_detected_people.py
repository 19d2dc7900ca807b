"""Runs that find the people by themselves: what found them, and whom they were matched with."""

import sqlalchemy as sa
from alembic import op

revision = "0005_detected_people"
down_revision = "0004_new_verdicts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what found the people of a run, and the match of a detected person."""
    op.add_column("run", sa.Column("finder", sa.String(200), nullable=True))
    op.add_column("run", sa.Column("finder_sha256", sa.String(64), nullable=True))
    op.add_column("run", sa.Column("min_score", sa.Double(), nullable=True))
    op.add_column("prediction", sa.Column("matched_annotation_id", sa.BigInteger(), nullable=True))
    op.add_column("prediction", sa.Column("likeness", sa.Double(), nullable=True))
    op.create_index(
        op.f("ix_prediction_run_id_matched_annotation_id"),
        "prediction",
        ["run_id", "matched_annotation_id"],
    )
