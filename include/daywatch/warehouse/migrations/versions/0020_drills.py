"""What drills showed: how well the plans of models find known faults.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TIMESTAMP = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
COUNTS = ("faults", "found", "named", "resamples", "false_alarms")
COMMENTS = {"named": "found, with the cause in the headline"}


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "drill",
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("window_start", TIMESTAMP, nullable=False),
        sa.Column("window_end", TIMESTAMP, nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("baseline_id", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False, comment="of the day without faults"),
        *(sa.Column(name, sa.Integer(), nullable=False, comment=COMMENTS.get(name)) for name in COUNTS),
        sa.Column("detail", JSON, nullable=False, comment="each fault, and what was blamed for it"),
        sa.Column("drilled_at", TIMESTAMP, nullable=False, server_default=sa.func.current_timestamp()),
        sa.PrimaryKeyConstraint("model", "window_start", "window_end"),
    )


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_table("drill")
