"""Runs that find the people by themselves: what found them, and whom they were matched with."""

import sqlalchemy as sa
from alembic import op

revision = "0005_detected_people"
down_revision = "0004_new_verdicts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the detector of a run, and the match of a detected person."""
    for name, length in (("detector", 200), ("detector_sha256", 64)):
        op.add_column("run", sa.Column(name, sa.String(length), server_default="", nullable=False))
    op.add_column("prediction", sa.Column("matched_annotation_id", sa.BigInteger(), nullable=True))
    op.add_column("prediction", sa.Column("likeness", sa.Double(), nullable=True))
    op.create_index(
        op.f("ix_prediction_run_id_matched_annotation_id"),
        "prediction",
        ["run_id", "matched_annotation_id"],
    )
