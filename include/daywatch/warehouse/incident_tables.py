"""Tables of incidents: what verdicts in a row amount to, what people did about it, and who heard of it."""

from __future__ import annotations

import sqlalchemy as sa

from daywatch.warehouse.result_tables import metadata
from daywatch.warehouse.tables import UtcDateTime, name_type

__all__ = ["alert_delivery", "incident", "incident_event", "metadata"]

incident = sa.Table(
    "incident",
    metadata,
    sa.Column("incident_id", name_type(40), primary_key=True),
    sa.Column(
        "model", name_type(), primary_key=True, comment="an incident of a feed has a row for each model"
    ),
    sa.Column("cause_key", name_type(40), nullable=False, index=True),
    sa.Column("fingerprint", name_type(64), nullable=False),
    sa.Column("kind", name_type(20), nullable=False, comment="data, labels, prediction, service or world"),
    sa.Column("name", name_type(), nullable=False),
    sa.Column("column_name", name_type(), nullable=False),
    sa.Column("slice", name_type(250), nullable=False),
    sa.Column("feed", sa.Text, nullable=False, comment="empty for a cause of one model"),
    sa.Column("is_open", sa.Boolean, nullable=False),
    sa.Column("state", name_type(10), nullable=False, comment="of the last bad window"),
    sa.Column("worst", name_type(10), nullable=False),
    sa.Column("first_window", UtcDateTime, nullable=False),
    sa.Column("last_window", UtcDateTime, nullable=False, comment="the last bad one"),
    sa.Column("closed_window", UtcDateTime),
    sa.Column("windows", sa.Integer, nullable=False, comment="bad ones"),
    sa.Column("reopenings", sa.Integer, nullable=False),
    sa.Column("sentence", sa.Text, nullable=False),
    sa.Column("parent_id", name_type(40), nullable=False, comment="the incident that explains it, or empty"),
    sa.Column("acknowledged_by", name_type(250), nullable=False),
    sa.Column("snoozed_until", UtcDateTime),
    sa.Index("ix_incident_model_is_open", "model", "is_open"),
)

incident_event = sa.Table(
    "incident_event",
    metadata,
    sa.Column("event_id", name_type(40), primary_key=True),
    sa.Column("cause_key", name_type(40), nullable=False, index=True),
    sa.Column("incident_id", name_type(40), nullable=False, index=True),
    sa.Column(
        "model", name_type(), nullable=False, comment="empty for what people did: it holds for all models"
    ),
    sa.Column("kind", name_type(20), nullable=False),
    sa.Column("window_start", UtcDateTime, nullable=False),
    sa.Column("state", name_type(10), comment="empty where the cause is gone, and for what people did"),
    sa.Column("sentence", sa.Text, nullable=False),
    sa.Column("author", name_type(250), nullable=False, comment="empty for what verdicts did"),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("until", UtcDateTime, comment="end of a snooze"),
    sa.Column("done_at", UtcDateTime, comment="of what people did"),
    sa.Index("ix_incident_event_model", "model"),
)

alert_delivery = sa.Table(
    "alert_delivery",
    metadata,
    sa.Column("message_key", name_type(64), primary_key=True),
    sa.Column("receiver", name_type(250), primary_key=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("model", name_type(), nullable=False, comment="empty for a digest"),
    sa.Column("sent_at", UtcDateTime),
    sa.Column("claimed_until", UtcDateTime, comment="while a run sends the message; others wait until then"),
)
