"""The rows that were read and quarantined, next to the records.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ADDED = ("rows_read", "rows_quarantined")


def upgrade() -> None:
    """Go to this version; until now a record with a bad row was quarantined whole, so that all other rows were read."""
    for name in ADDED:
        op.add_column(
            "window_run", sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)
        )
    op.execute('UPDATE window_run SET rows_read = "rows"')


def downgrade() -> None:
    """Go back to the version before."""
    for name in reversed(ADDED):
        op.drop_column("window_run", name)
