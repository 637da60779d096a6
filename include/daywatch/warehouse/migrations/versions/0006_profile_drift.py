"""Drift of longer windows and against other baselines, and what profiles are merged from.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")

MEASURED = ("value", "threshold", "psi", "jensenshannon", "wasserstein", "ks", "chisquare")
COUNTS = ("rows", "baseline_rows", "filled", "distinct_count", "baseline_distinct_count")


def upgrade() -> None:
    """Go to this version."""
    comment = "what quantiles and distinct values are merged from"
    op.add_column("column_profile", sa.Column("sketch", JSON, nullable=True, comment=comment))
    op.create_table(
        "profile_drift",
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("window_start", MOMENT, nullable=False),
        sa.Column("window_end", MOMENT, nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("slice", sa.String(length=250), nullable=False),
        sa.Column("column_name", sa.String(length=120), nullable=False),
        sa.Column("span_days", sa.Integer(), nullable=False, comment="days, the window's last one included"),
        sa.Column(
            "against",
            sa.String(length=20),
            nullable=False,
            comment="frozen, moving, same_weekday or same_month",
        ),
        sa.Column(
            "error", sa.Double(), nullable=True, comment="how far the value of all rows may be from it"
        ),
        *(sa.Column(name, sa.Double(), nullable=True) for name in MEASURED),
        sa.Column("method", sa.String(length=120), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False, comment="measured, alert or not_measured"),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in COUNTS),
        *(
            sa.Column(f"{side}{name}", sa.Double(), nullable=True)
            for name in ("null_share", "mean")
            for side in ("", "baseline_")
        ),
        sa.Column("baseline_start", MOMENT, nullable=True, comment="empty for the frozen baseline"),
        sa.Column("baseline_end", MOMENT, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "model",
            "window_start",
            "window_end",
            "revision",
            "slice",
            "column_name",
            "span_days",
            "against",
        ),
    )


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_table("profile_drift")
    op.drop_column("column_profile", "sketch")
