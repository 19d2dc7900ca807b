"""Runs made by jobs, workers, and a key that keeps a repeated step from writing twice."""

import sqlalchemy as sa
from alembic import op

from db import tables

revision = "0002_jobs_and_workers"
down_revision = "0001_first_tables"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add `run.job_id`, the second key of `prediction`, and `worker`."""
    op.add_column("run", sa.Column("job_id", sa.String(length=64), nullable=True))
    op.drop_index(op.f("ix_prediction_run_id_image_id"), table_name="prediction")
    with op.batch_alter_table("prediction") as prediction:
        prediction.create_unique_constraint(
            op.f("uq_prediction_run_id_image_id_person_index"),
            ["run_id", "image_id", "person_index"],
        )
    op.create_table(
        "worker",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("started_at", tables.UtcTime(timezone=True), nullable=False),
        sa.Column("seen_at", tables.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker")),
    )
