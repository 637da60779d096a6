"""The model versions that a baseline is for.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version; until now a baseline was for all versions."""
    comment = "JSON list of the versions that it is for; NULL: all others"
    op.add_column("baseline", sa.Column("versions", sa.Text(), comment=comment))


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_column("baseline", "versions")
