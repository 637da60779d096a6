"""How many records of a window are of requests without an answer.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CURRENT_WINDOW = """
VIEW current_window AS
SELECT {columns} FROM window_run
JOIN (
    SELECT model, window_start, window_end, max(sequence) AS sequence
    FROM window_run GROUP BY model, window_start, window_end
) AS newest
ON newest.model = window_run.model AND newest.window_start = window_run.window_start
AND newest.window_end = window_run.window_end AND newest.sequence = window_run.sequence
"""

LATER = ("evidence_listing", "unanswered")
"""Columns that came after the view: PostgreSQL wrote its columns down when it was made."""

DEPENDENT = ("current_verdict", "drift_by_day", "performance_by_day", "label_curve", "namespace_verdict")
"""Views on top of it, each after those that it needs."""


def upgrade() -> None:
    """Go to this version; of windows that are stored it is what the other counts leave over."""
    op.add_column(
        "window_run", sa.Column("unanswered", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.execute("UPDATE window_run SET unanswered = records - exported - quarantined - duplicates")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"CREATE OR REPLACE {CURRENT_WINDOW.format(columns='window_run.*')}")


def downgrade() -> None:
    """Go back to the version before."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        inspector = sa.inspect(connection)
        definitions = {name: inspector.get_view_definition(name) for name in DEPENDENT}
        columns = [one["name"] for one in inspector.get_columns("window_run") if one["name"] not in LATER]
        op.execute(f"DROP VIEW {', '.join([*DEPENDENT, 'current_window'])}")
        before = ", ".join(f"window_run.{name}" for name in columns)
        op.execute(f"CREATE {CURRENT_WINDOW.format(columns=before)}")
        for name, definition in definitions.items():
            op.execute(sa.text(f"CREATE VIEW {name} AS {definition}".replace(":", "\\:")))
    op.drop_column("window_run", "unanswered")
