"""The claim of a run that sends a mail, so that runs side by side send one.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    claimed = sa.Column(
        "claimed_until",
        sa.DateTime(timezone=True),
        comment="while a run sends the mail; others wait until then",
    )
    op.add_column("notification", claimed)


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_column("notification", "claimed_until")
