"""Decisions on retraining with every reason, who asked, and what came of them.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TIME = sa.DateTime(timezone=True)
SHARED = "model, window_start, window_end, revision, reason, run_id, version"


def _key() -> list[sa.Column[Any]]:
    return [
        sa.Column("model", sa.String(120), nullable=False),
        sa.Column("window_start", TIME, nullable=False),
        sa.Column("window_end", TIME, nullable=False),
        sa.Column("revision", sa.String(64), nullable=False),
    ]


def _shared() -> list[sa.Column[Any]]:
    return [
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("version", sa.String(120), comment="the model version that came of it"),
    ]


def upgrade() -> None:
    """Go to this version."""
    op.rename_table("retraining", "retraining_before")
    op.create_table(
        "retraining",
        *_key(),
        sa.Column("trigger", sa.String(20), nullable=False, comment="verdict or person"),
        sa.Column("decision", sa.String(10), nullable=False, comment="yes, ask or no"),
        *_shared(),
        sa.Column("conditions", JSON, nullable=False, comment="name, met and reason of each"),
        sa.Column("decided_at", TIME),
        sa.Column("decided_by", sa.String(250), nullable=False, comment="empty where a verdict asked for it"),
        sa.Column("outcome", sa.String(20), comment="trained, rejected or failed; empty until it is known"),
        sa.Column("outcome_reason", sa.Text()),
        sa.PrimaryKeyConstraint(
            "model", "window_start", "window_end", "revision", "trigger", name="retraining_key"
        ),
    )
    op.execute(
        f"INSERT INTO retraining ({SHARED}, trigger, decision, conditions, decided_by, outcome) "
        f"SELECT {SHARED}, 'verdict', CASE WHEN wanted THEN 'yes' ELSE 'no' END, '[]', '', "
        "CASE WHEN wanted AND version IS NOT NULL THEN 'trained' END FROM retraining_before"
    )
    op.drop_table("retraining_before")


def downgrade() -> None:
    """Go back to the version before."""
    op.rename_table("retraining", "retraining_after")
    op.create_table(
        "retraining",
        *_key(),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        *_shared(),
        sa.PrimaryKeyConstraint("model", "window_start", "window_end", "revision"),
    )
    op.execute(
        f"INSERT INTO retraining ({SHARED}, wanted) "
        f"SELECT {SHARED}, decision <> 'no' FROM retraining_after WHERE trigger = 'verdict'"
    )
    op.drop_table("retraining_after")
