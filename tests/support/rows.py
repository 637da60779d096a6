"""All that stands in a warehouse."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from daywatch.warehouse import result_tables
from daywatch.warehouse.database import connect
from daywatch.warehouse.incident_tables import metadata

WINDOW_RESULTS = (
    result_tables.label_coverage,
    result_tables.metric_value,
    result_tables.confusion_matrix,
    result_tables.expectation_result,
    result_tables.finding,
    result_tables.window_version,
    result_tables.window_setting,
    result_tables.column_profile,
    result_tables.profile_drift,
    result_tables.verdict,
    result_tables.rule_outcome,
    result_tables.cause,
)
"""Tables that one record of a window fills."""

VIEWS = (
    "current_cause",
    "current_verdict",
    "current_window",
    "drift_by_day",
    "incident_over_models",
    "incident_timeline",
    "label_curve",
    "namespace_verdict",
    "open_incident",
    "performance_by_day",
)


def dump(url: str, *, views: bool = True) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table and view, moments of recording included, as JSON can hold it."""
    queries: dict[str, Any] = {name: sa.select(table) for name, table in metadata.tables.items()}
    if views:
        queries |= {name: sa.text(f"SELECT * FROM {name}") for name in VIEWS}
    engine = connect(url)
    with engine.connect() as connection:
        found = {name: _rows(connection.execute(query)) for name, query in queries.items()}
    engine.dispose()
    return found


def _rows(result: sa.CursorResult[Any]) -> list[dict[str, Any]]:
    rows = [{key: _plain(value) for key, value in row.items()} for row in result.mappings()]
    return sorted(rows, key=repr)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
