"""The warehouse's tables, as SQLAlchemy Core knows them: models, runs of their windows, what was done about them.

The migrations create them. The tables of what the stages found out about a window are in ``result_tables.py``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

Row = dict[str, Any]
"""A row to store: values by column name."""

metadata = sa.MetaData()
"""All tables, once ``result_tables.py`` is imported."""


class UtcDateTime(sa.TypeDecorator[datetime]):
    """A timestamp in UTC on every database. SQLite has no time zones: UTC is added on reading."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Store UTC, and refuse a timestamp without a time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"Expected a timestamp with a time zone, but received {value!r}."
            raise ValueError(msg)
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        """Return UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = sa.JSON().with_variant(JSONB(), "postgresql")
"""Type of small values that no query filters by."""


def name_type(length: int = 120) -> sa.String:
    """Return the type of a name.

    Args:
        length: Characters at most.
    """
    return sa.String(length)


def window_columns() -> list[sa.Column[Any]]:
    """Return new columns for the key that all results of a window share."""
    return [
        sa.Column("model", name_type(), primary_key=True),
        sa.Column("window_start", UtcDateTime, primary_key=True),
        sa.Column("window_end", UtcDateTime, primary_key=True),
        sa.Column("revision", name_type(64), primary_key=True),
    ]


model = sa.Table(
    "model",
    metadata,
    sa.Column("model", name_type(), primary_key=True),
    sa.Column("namespace", name_type(250), nullable=False),
    sa.Column("owner", name_type(250), nullable=False),
    sa.Column("tier", sa.Integer, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
)

model_version = sa.Table(
    "model_version",
    metadata,
    sa.Column("model", name_type(), primary_key=True),
    sa.Column("version", name_type(), primary_key=True),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("artifacts", Json, nullable=False, comment="URIs by name"),
    sa.Column(
        "trained_from", UtcDateTime, comment="empty, like the three below, where Daywatch did not train it"
    ),
    sa.Column("trained_until", UtcDateTime),
    sa.Column("rows", sa.BigInteger),
    sa.Column("metrics", Json),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("created_by", name_type(250), nullable=False),
    sa.Column("checksum", name_type(64), comment="SHA-256 of the trained model's file"),
    sa.Column("training", Json, comment="rows, ranges and fingerprint of what it was trained on"),
    sa.Column("comparison", Json, comment="with the version in production, on the held-back rows"),
)

deployment = sa.Table(
    "deployment",
    metadata,
    sa.Column("model", name_type(), primary_key=True),
    sa.Column("deployment_id", name_type(), primary_key=True),
    sa.Column("version", name_type(), nullable=False),
    sa.Column("endpoint", name_type(250), nullable=False),
    sa.Column("environment", Json, nullable=False, comment="variables of the service, none of them secret"),
    sa.Column("method", name_type(), nullable=False),
    sa.Column("rollout_strategy", name_type(), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("created_by", name_type(250), nullable=False),
)

baseline = sa.Table(
    "baseline",
    metadata,
    sa.Column("model", name_type(), primary_key=True),
    sa.Column("baseline_id", name_type(), primary_key=True),
    sa.Column("window_start", UtcDateTime, nullable=False),
    sa.Column("window_end", UtcDateTime, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("labelled", sa.BigInteger, nullable=False),
    sa.Column("artifacts", sa.Text, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False, comment="the greatest is the one in use"),
    sa.Column("frozen_at", UtcDateTime, nullable=False, server_default=sa.func.current_timestamp()),
    sa.Column("versions", sa.Text, comment="JSON list of the versions that it is for; NULL: all others"),
    sa.Column(
        "promoted_version", name_type(), comment="whose answers it has; empty for what served at that time"
    ),
    sa.Column(
        "counts_from", UtcDateTime, comment="start of the first window compared with it; empty for all"
    ),
    sa.UniqueConstraint("model", "sequence"),
)

window_run = sa.Table(
    "window_run",
    metadata,
    *window_columns(),
    sa.Column(
        "sequence", sa.Integer, nullable=False, comment="of revisions of this window; greatest is current"
    ),
    sa.Column("baseline_id", name_type(), nullable=False),
    sa.Column("artifacts", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("objects", sa.BigInteger, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("records", sa.BigInteger, nullable=False),
    sa.Column("exported", sa.BigInteger, nullable=False),
    sa.Column("quarantined", sa.BigInteger, nullable=False),
    sa.Column("duplicates", sa.BigInteger, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("quarantine_reasons", Json, nullable=False),
    sa.Column("recorded_at", UtcDateTime, nullable=False, server_default=sa.func.current_timestamp()),
    sa.Column("evidence_listing", name_type(64)),
    sa.Column("unanswered", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("rows_read", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("rows_quarantined", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("filtered", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("history", name_type(64), comment="fingerprint of what the windows before say"),
    sa.Column("judged_by", name_type(64), comment="fingerprint of plan and code"),
    sa.Column("reported_history", name_type(64), comment="the history that the report is of"),
    sa.UniqueConstraint("model", "window_start", "window_end", "sequence"),
)

stage_run = sa.Table(
    "stage_run",
    metadata,
    *window_columns(),
    sa.Column("stage", name_type(40), primary_key=True),
    sa.Column("seconds", sa.Double, nullable=False),
    sa.Column("counts", Json, nullable=False),
)

notification = sa.Table(
    "notification",
    metadata,
    *window_columns(),
    sa.Column(
        "kind", name_type(40), nullable=False, comment="unchanged and better mean that no mail was due"
    ),
    sa.Column("state", name_type(10), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("message_id", sa.Text, nullable=False),
    sa.Column("recipients", Json, nullable=False),
    sa.Column(
        "refused", Json, nullable=False, comment="recipients the mail server did not take, with its answer"
    ),
    sa.Column("sent_at", UtcDateTime),
    sa.Column("claimed_until", UtcDateTime, comment="while a run sends the mail; others wait until then"),
    sa.Column("receivers", Json, comment="names of who hears of it; empty before there were routes"),
)

retraining = sa.Table(
    "retraining",
    metadata,
    *window_columns(),
    sa.Column("trigger", name_type(20), primary_key=True, comment="verdict or person"),
    sa.Column("decision", name_type(10), nullable=False, comment="yes, ask or no"),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("version", name_type(), comment="the model version that came of it"),
    sa.Column("conditions", Json, nullable=False, comment="name, met and reason of each"),
    sa.Column("decided_at", UtcDateTime),
    sa.Column("decided_by", name_type(250), nullable=False, comment="empty where a verdict asked for it"),
    sa.Column("outcome", name_type(20), comment="trained, rejected or failed; empty until it is known"),
    sa.Column("outcome_reason", sa.Text),
)

drill = sa.Table(
    "drill",
    metadata,
    sa.Column("model", name_type(), primary_key=True),
    sa.Column("window_start", UtcDateTime, primary_key=True),
    sa.Column("window_end", UtcDateTime, primary_key=True),
    sa.Column("revision", name_type(64), nullable=False),
    sa.Column("baseline_id", name_type(), nullable=False),
    sa.Column("state", name_type(10), nullable=False, comment="of the day without faults"),
    sa.Column("faults", sa.Integer, nullable=False),
    sa.Column("found", sa.Integer, nullable=False),
    sa.Column("named", sa.Integer, nullable=False, comment="found, with the cause in the headline"),
    sa.Column("resamples", sa.Integer, nullable=False),
    sa.Column("false_alarms", sa.Integer, nullable=False),
    sa.Column("detail", Json, nullable=False, comment="each fault, and what was blamed for it"),
    sa.Column("drilled_at", UtcDateTime, nullable=False, server_default=sa.func.current_timestamp()),
)
