"""Maturity of labels, and what a window's evidence was when it was last looked at.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")

LABEL_CURVE = """
CREATE VIEW label_curve AS
SELECT label_coverage.model, label_coverage.window_start, label_coverage.window_end, label_coverage.revision,
    {age} AS age_days, {share} AS share
FROM current_window
JOIN label_coverage ON label_coverage.model = current_window.model
    AND label_coverage.window_start = current_window.window_start
    AND label_coverage.window_end = current_window.window_end
    AND label_coverage.revision = current_window.revision
{days}
"""

DIALECTS = {
    "sqlite": {
        "age": "CAST(day.key AS INTEGER)",
        "share": "CAST(day.value AS REAL)",
        "days": "CROSS JOIN json_each(label_coverage.share_by_day) AS day",
    },
    "postgresql": {
        "age": "CAST(day.number - 1 AS INTEGER)",
        "share": "CAST(day.share AS DOUBLE PRECISION)",
        "days": "CROSS JOIN LATERAL jsonb_array_elements_text(label_coverage.share_by_day)"
        " WITH ORDINALITY AS day (share, number)",
    },
}


def upgrade() -> None:
    """Go to this version."""
    for name in ("labels_unmatched", "labels_changed"):
        op.add_column(
            "label_coverage", sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)
        )
    op.add_column("label_coverage", sa.Column("unmatched_sample", JSON, nullable=True))
    op.add_column("label_coverage", sa.Column("known_until", sa.Date(), nullable=True))
    op.add_column("label_coverage", sa.Column("share_by_day", JSON, nullable=True))
    op.add_column("window_run", sa.Column("evidence_listing", sa.String(length=64), nullable=True))
    op.execute(LABEL_CURVE.format(**DIALECTS[op.get_bind().dialect.name]))


def downgrade() -> None:
    """Go back to the version before."""
    op.execute("DROP VIEW label_curve")
    op.drop_column("window_run", "evidence_listing")
    for name in ("share_by_day", "known_until", "unmatched_sample", "labels_changed", "labels_unmatched"):
        op.drop_column("label_coverage", name)
