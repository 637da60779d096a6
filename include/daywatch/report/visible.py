"""Make every text of a report harmless."""

from __future__ import annotations

from typing import Any

from daywatch.report.content import Report
from daywatch.text import visible


def visible_report(report: Report) -> Report:
    """Return the report with every text in it made visible, so that no template can forget one.

    The arguments of an expectation stay as they are: they are JSON, whose escapes hide characters. The code
    that reads them makes them visible.

    Args:
        report: Content of the report, with captured text as it was captured.
    """
    return Report.model_validate(_walk(report.model_dump()))


def _walk(value: Any) -> Any:
    if type(value) is str:
        return visible(value)
    if isinstance(value, dict):
        return {key: item if key == "kwargs" else _walk(item) for key, item in value.items()}
    return tuple(_walk(item) for item in value) if isinstance(value, tuple | list) else value
