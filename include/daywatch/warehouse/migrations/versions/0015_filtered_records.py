"""How many records of a window do not count, as ``capture.where`` says.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version; until now every record counted."""
    op.add_column(
        "window_run", sa.Column("filtered", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_column("window_run", "filtered")
