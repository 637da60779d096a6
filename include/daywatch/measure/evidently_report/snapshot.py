"""Evidently's snapshot as a JSON document that is the same for the same input."""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from daywatch.measure.evidently_report.patches import TEMPLATE_MARK, default_template

if TYPE_CHECKING:
    from datetime import datetime

# Evidently marks each widget with a time-ordered random id.
_RANDOM_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def empty_document(name: str, timestamp: datetime) -> dict[str, Any]:
    """Return a snapshot without results.

    Args:
        name: Name that it states.
        timestamp: Time that it states, UTC.
    """
    return {
        "report": {"items": []},
        "name": name,
        "timestamp": timestamp.replace(tzinfo=None).isoformat(),
        "metadata": {},
        "tags": [],
        "metric_results": {},
        "top_level_metrics": [],
        "widgets": [],
        "tests_widgets": [],
    }


def join_documents(documents: list[dict[str, Any]]) -> dict[str, Any]:
    """Join snapshots to one that is the same in each run.

    Widgets get ids by their position, and figures that carry ``TEMPLATE_MARK`` get Plotly's template.

    Args:
        documents: Evidently's snapshots as JSON, in the order of their widgets; the first one is changed.
    """
    joined = documents[0]
    for document in documents[1:]:
        joined["metric_results"].update(document["metric_results"])
        for key in ("top_level_metrics", "widgets", "tests_widgets"):
            joined[key] += document[key]
    unreadable = {name for name, result in joined["metric_results"].items() if _has_non_finite(result)}
    for name in unreadable:  # Evidently cannot read a result without its number
        del joined["metric_results"][name]
    joined["top_level_metrics"] = [name for name in joined["top_level_metrics"] if name not in unreadable]
    return dict(_pinned(joined))


def _is_non_finite(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _has_non_finite(value: Any) -> bool:
    """Say whether a result, its widgets aside, has a NaN or an infinity."""
    if isinstance(value, dict):
        return any(_has_non_finite(child) for key, child in value.items() if key != "widget")
    if isinstance(value, list):
        return any(_has_non_finite(child) for child in value)
    return _is_non_finite(value)


def _pinned(document: dict[str, Any]) -> Any:
    pinned: dict[str, str] = {}
    for found in _widget_ids(document):
        pinned.setdefault(found, str(uuid.UUID(int=len(pinned) + 1)))
    return _replaced(document, pinned, default_template())


def _widget_ids(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        found = value.get("id")
        if isinstance(found, str) and _RANDOM_ID.fullmatch(found):
            yield found
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from _widget_ids(child)


def _replaced(value: Any, pinned: dict[str, str], template: Any) -> Any:
    """Replace ids that are a whole value, marks of templates, and NaN, which JSON does not have."""
    if isinstance(value, dict):
        return _ordered(
            {
                key: template
                if key == "template" and child == TEMPLATE_MARK
                else _replaced(child, pinned, template)
                for key, child in value.items()
            }
        )
    if isinstance(value, list):
        return [_replaced(child, pinned, template) for child in value]
    if _is_non_finite(value):
        return None
    return pinned.get(value, value) if isinstance(value, str) else value


def _ordered(value: dict[str, Any]) -> dict[str, Any]:
    """Sort a heat map's columns by name: Evidently takes classes from a set, in another order each time."""
    if value.get("type") != "heatmap" or not isinstance(value.get("x"), list):
        return value
    order = sorted(range(len(value["x"])), key=lambda index: str(value["x"][index]))
    sorted_rows: dict[str, Any] = {
        key: [[row[index] for index in order] for row in value[key]] for key in ("z", "text") if key in value
    }
    return {**value, **sorted_rows, "x": [value["x"][index] for index in order]}
