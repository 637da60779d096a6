"""An index for one metric over all models.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

INDEX = "ix_metric_value_metric_window_start"


def upgrade() -> None:
    """Go to this version."""
    op.create_index(INDEX, "metric_value", ["metric", "window_start"])


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_index(INDEX, "metric_value")
