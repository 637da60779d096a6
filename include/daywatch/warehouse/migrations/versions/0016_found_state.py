"""The state that a rule gives by one window alone, where it counts only if it persists.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    comment = "by this window alone, if the windows before count too"
    op.add_column("rule_outcome", sa.Column("found_state", sa.String(10), comment=comment))


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_column("rule_outcome", "found_state")
