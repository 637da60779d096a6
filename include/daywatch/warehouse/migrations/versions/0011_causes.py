"""The ranked causes of verdicts.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TIMESTAMP = sa.DateTime(timezone=True)
KEY = ("model", "window_start", "window_end", "revision", "rank")

CURRENT_CAUSE = """
CREATE VIEW current_cause AS
SELECT model.namespace, cause.model, cause.window_start, cause.window_end, cause.rank, cause.kind, cause.name,
    cause.column_name, cause.class_name, cause.slice, cause.state, cause.sentence, cause.short, cause.metric,
    cause.value, cause.baseline_value, cause.explained, cause.fingerprint, cause.parent, cause.revision
FROM current_window
JOIN cause ON cause.model = current_window.model
    AND cause.window_start = current_window.window_start
    AND cause.window_end = current_window.window_end
    AND cause.revision = current_window.revision
JOIN model ON model.model = cause.model
"""


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "cause",
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("window_start", TIMESTAMP, nullable=False),
        sa.Column("window_end", TIMESTAMP, nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column(
            "rank", sa.Integer(), nullable=False, comment="from 1; each is followed by what follows from it"
        ),
        sa.Column(
            "kind",
            sa.String(length=20),
            nullable=False,
            comment="data, labels, prediction, service or world",
        ),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("column_name", sa.String(length=120), nullable=False),
        sa.Column("class_name", sa.String(length=120), nullable=False),
        sa.Column("slice", sa.String(length=250), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("short", sa.Text(), nullable=False),
        sa.Column("metric", sa.String(length=120), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("baseline_value", sa.Double(), nullable=True),
        sa.Column("explained", sa.Double(), nullable=True, comment="share of the fall of performance"),
        sa.Column(
            "parent",
            sa.String(length=64),
            nullable=False,
            comment="fingerprint of the cause that it follows from",
        ),
        sa.PrimaryKeyConstraint(*KEY),
    )
    op.execute(CURRENT_CAUSE)


def downgrade() -> None:
    """Go back to the version before."""
    op.execute("DROP VIEW current_cause")
    op.drop_table("cause")
