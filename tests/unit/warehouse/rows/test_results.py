"""Which value goes into which column: golden rows, reviewed by a person."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from daywatch.warehouse.database import transaction
from daywatch.warehouse.incident_tables import metadata
from daywatch.warehouse.record import record_window
from daywatch.warehouse.window_results import WindowResults
from rows import WINDOW_RESULTS, dump

GOLDEN = Path(__file__).parent / "golden"
UPDATE = bool(os.environ.get("UPDATE_GOLDEN"))
"""Set it to write the files anew; then look at the difference."""


@pytest.mark.parametrize("name", ["model", "window_run", *(table.name for table in WINDOW_RESULTS)])
def test_golden_rows(url: str, results: Callable[..., WindowResults], name: str) -> None:
    with transaction(url) as connection:
        record_window(connection, results())
    rows = [{key: value for key, value in row.items() if key != "recorded_at"} for row in dump(url)[name]]
    for row in rows:
        for timestamp in ("window_start", "window_end", "baseline_start", "baseline_end"):
            if row.get(timestamp):
                row[timestamp] = str(row[timestamp])[:10]
        if name == "column_profile":
            row["of_baseline"] = bool(row["of_baseline"])
    file = GOLDEN / f"{name}.json"
    if UPDATE:
        file.write_text(
            json.dumps(rows, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8"
        )

    assert rows == json.loads(file.read_text(encoding="utf-8"))


def test_nan_is_nowhere_stored(url: str, results: Callable[..., WindowResults]) -> None:
    with transaction(url) as connection:
        record_window(connection, results())

    (row,) = [row for row in dump(url)["metric_value"] if row["metric"] == "log_loss"]

    assert (row["value"], row["baseline_value"], row["status"]) == (None, None, "not_measured")
    assert "NaN" not in json.dumps(dump(url))
    json.dumps(dump(url), allow_nan=False)


def test_every_number_comes_back_as_it_went_in(url: str, results: Callable[..., WindowResults]) -> None:
    with transaction(url) as connection:
        record_window(connection, results())

    values = {(row["metric"], row["column_name"]): row["value"] for row in dump(url)["metric_value"]}

    assert values["roc_auc", ""] == 0.1 + 0.2
    assert values["drift_score", "amount"] == 1e-300


def test_the_schema_is_known_by_heart() -> None:
    """A changed table needs a migration, and this list a look."""
    assert sorted(metadata.tables) == [
        "alert_delivery",
        "baseline",
        "cause",
        "column_profile",
        "confusion_matrix",
        "deployment",
        "drill",
        "expectation_result",
        "finding",
        "incident",
        "incident_event",
        "label_coverage",
        "metric_value",
        "model",
        "model_version",
        "notification",
        "profile_drift",
        "retraining",
        "rule_outcome",
        "stage_run",
        "verdict",
        "window_run",
        "window_setting",
        "window_version",
    ]
