"""Snapshots joined and made reproducible."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import uuid6
from daywatch.measure.evidently_report.snapshot import empty_document, join_documents

TIME = datetime(2013, 2, 9, tzinfo=UTC)


def document() -> dict[str, Any]:
    """Return a snapshot with random ids, one of them referred to, and a value that looks like one."""
    first, second = str(uuid6.uuid7()), str(uuid6.uuid7())
    widget = {"id": first, "params": {"parts": [second]}, "additionalGraphs": [{"id": second}]}
    return {
        **empty_document("flights", TIME),
        "metric_results": {
            "m": {"value": 1.0, "widget": [float("nan")], "category": "01a1ffec-f4d2-7cf2-8742-c9477410b029"}
        },
        "top_level_metrics": ["m"],
        "widgets": [widget],
    }


def test_ids_are_pinned_where_they_are_used_and_data_is_left_alone() -> None:
    one, other = (join_documents([empty_document("flights", TIME), document()]) for _ in range(2))
    assert one == other
    (widget,) = one["widgets"]
    assert widget["params"]["parts"] == [widget["additionalGraphs"][0]["id"]]
    assert widget["id"] != widget["additionalGraphs"][0]["id"]
    assert one["metric_results"]["m"] == {
        "value": 1.0,
        "widget": [None],
        "category": "01a1ffec-f4d2-7cf2-8742-c9477410b029",
    }
    assert one["timestamp"] == "2013-02-09T00:00:00"


def test_heat_maps_have_their_columns_in_order() -> None:
    given = {
        **document(),
        "widgets": [{"id": "w", "type": "heatmap", "x": ["b", "a"], "z": [[1, 2], [3, 4]]}],
    }
    (widget,) = join_documents([empty_document("flights", TIME), given])["widgets"]
    assert (widget["x"], widget["z"]) == (["a", "b"], [[2, 1], [4, 3]])


def test_results_without_a_finite_number_are_left_out() -> None:
    given = document()
    given["metric_results"]["odd"] = {"mean": {"value": float("inf")}}
    given["top_level_metrics"] = ["m", "odd"]
    joined = join_documents([empty_document("flights", TIME), given])
    assert list(joined["metric_results"]) == joined["top_level_metrics"] == ["m"]
