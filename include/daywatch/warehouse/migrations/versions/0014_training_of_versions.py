"""What a retrained version was trained on, and the checksum of its file.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Go to this version."""
    op.add_column(
        "model_version", sa.Column("checksum", sa.String(64), comment="SHA-256 of the trained model's file")
    )
    op.add_column(
        "model_version",
        sa.Column("training", JSON, comment="rows, ranges and fingerprint of what it was trained on"),
    )


def downgrade() -> None:
    """Go back to the version before."""
    for name in ("training", "checksum"):
        op.drop_column("model_version", name)
