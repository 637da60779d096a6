"""Baselines of promoted versions, and the comparison that promoted them.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Go to this version."""
    version = "whose answers it has; empty for what served at that time"
    op.add_column("baseline", sa.Column("promoted_version", sa.String(120), comment=version))
    counts_from = "start of the first window compared with it; empty for all"
    op.add_column("baseline", sa.Column("counts_from", TIME, comment=counts_from))
    comparison = "with the version in production, on the held-back rows"
    op.add_column("model_version", sa.Column("comparison", JSON, comment=comparison))


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_column("model_version", "comparison")
    for name in ("counts_from", "promoted_version"):
        op.drop_column("baseline", name)
