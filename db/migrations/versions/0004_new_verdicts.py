"""What makes the verdicts since one last looked quick to find."""

from alembic import op

revision = "0004_new_verdicts"
down_revision = "0003_desks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index that counts of the queue follow."""
    op.create_index("ix_verdict_new", "verdict", ["dataset_id", "label_set", "id"])
