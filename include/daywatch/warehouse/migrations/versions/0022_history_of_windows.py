"""What a window's verdict depends on of the windows before it, and what judged it.

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

COLUMNS = {
    "history": "fingerprint of what the windows before say",
    "judged_by": "fingerprint of plan and code",
    "reported_history": "the history that the report is of",
}


def upgrade() -> None:
    """Go to this version."""
    for name, comment in COLUMNS.items():
        op.add_column("window_run", sa.Column(name, sa.String(64), comment=comment))


def downgrade() -> None:
    """Go back to the version before."""
    for name in reversed(COLUMNS):
        op.drop_column("window_run", name)
