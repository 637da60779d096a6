"""Deliveries of messages to receivers, and who hears of a window.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "alert_delivery",
        sa.Column("message_key", sa.String(length=64), nullable=False),
        sa.Column("receiver", sa.String(length=250), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("model", sa.String(length=120), nullable=False, comment="empty for a digest"),
        sa.Column("sent_at", MOMENT),
        sa.Column(
            "claimed_until",
            MOMENT,
            comment="while a run sends the message; others wait until then",
        ),
        sa.PrimaryKeyConstraint("message_key", "receiver"),
    )
    op.add_column(
        "notification",
        sa.Column("receivers", JSON, comment="names of who hears of it; empty before there were routes"),
    )


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_column("notification", "receivers")
    op.drop_table("alert_delivery")
