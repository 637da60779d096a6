"""Incidents: consecutive bad verdicts of one cause, and what people did about them.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)

VIEWS = {
    "open_incident": """
        CREATE VIEW open_incident AS
        SELECT model.namespace, model.owner, model.tier, incident.*
        FROM incident JOIN model ON model.model = incident.model
        WHERE incident.is_open
    """,
    "incident_over_models": """
        CREATE VIEW incident_over_models AS
        SELECT
            incident_id, kind, name, column_name, slice, feed,
            count(*) AS models,
            sum(CASE WHEN is_open THEN 1 ELSE 0 END) AS open_models,
            min(first_window) AS first_window,
            max(last_window) AS last_window,
            max(windows) AS windows,
            max(acknowledged_by) AS acknowledged_by
        FROM incident
        GROUP BY incident_id, kind, name, column_name, slice, feed
    """,
    "incident_timeline": """
        CREATE VIEW incident_timeline AS
        SELECT incident_id, window_start, done_at, model, kind, state, author, note, until, sentence
        FROM incident_event
    """,
}


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "incident",
        sa.Column("incident_id", sa.String(length=40), nullable=False),
        sa.Column(
            "model",
            sa.String(length=120),
            nullable=False,
            comment="an incident of a feed has a row for each model",
        ),
        sa.Column("cause_key", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column(
            "kind",
            sa.String(length=20),
            nullable=False,
            comment="data, labels, prediction, service or world",
        ),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("column_name", sa.String(length=120), nullable=False),
        sa.Column("slice", sa.String(length=250), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False, comment="empty for a cause of one model"),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False, comment="of the last bad window"),
        sa.Column("worst", sa.String(length=10), nullable=False),
        sa.Column("first_window", MOMENT, nullable=False),
        sa.Column("last_window", MOMENT, nullable=False, comment="the last bad one"),
        sa.Column("closed_window", MOMENT),
        sa.Column("windows", sa.Integer(), nullable=False, comment="bad ones"),
        sa.Column("reopenings", sa.Integer(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column(
            "parent_id",
            sa.String(length=40),
            nullable=False,
            comment="the incident that explains it, or empty",
        ),
        sa.Column("acknowledged_by", sa.String(length=250), nullable=False),
        sa.Column("snoozed_until", MOMENT),
        sa.PrimaryKeyConstraint("incident_id", "model"),
    )
    op.create_index("ix_incident_cause_key", "incident", ["cause_key"])
    op.create_index("ix_incident_model_is_open", "incident", ["model", "is_open"])
    op.create_table(
        "incident_event",
        sa.Column("event_id", sa.String(length=40), nullable=False),
        sa.Column("cause_key", sa.String(length=40), nullable=False),
        sa.Column("incident_id", sa.String(length=40), nullable=False),
        sa.Column(
            "model",
            sa.String(length=120),
            nullable=False,
            comment="empty for what people did: it holds for all models",
        ),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("window_start", MOMENT, nullable=False),
        sa.Column(
            "state",
            sa.String(length=10),
            comment="empty where the cause is gone, and for what people did",
        ),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=250), nullable=False, comment="empty for what verdicts did"),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("until", MOMENT, comment="end of a snooze"),
        sa.Column("done_at", MOMENT, comment="of what people did"),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_index("ix_incident_event_cause_key", "incident_event", ["cause_key"])
    op.create_index("ix_incident_event_incident_id", "incident_event", ["incident_id"])
    op.create_index("ix_incident_event_model", "incident_event", ["model"])
    for statement in VIEWS.values():
        op.execute(statement)


def downgrade() -> None:
    """Go back to the version before."""
    for view in reversed(VIEWS):
        op.execute(f"DROP VIEW {view}")
    op.drop_table("incident_event")
    op.drop_table("incident")
