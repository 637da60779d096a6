"""Every text of a report is shown as it is."""

from __future__ import annotations

from daywatch.report.content import Report
from daywatch.report.visible import visible_report


def test_every_text_of_a_report_is_reached(hostile: Report) -> None:
    shown = visible_report(hostile)
    kept = {"failed_expectations": {"__all__": {"kwargs"}}}
    assert "\u202e" in "".join(_texts(hostile.model_dump(exclude=kept)))
    assert not [
        char for char in "\u202e\u200b\x1b\r" if char in "".join(_texts(shown.model_dump(exclude=kept)))
    ]


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list) else ()
    return [text for item in items for text in _texts(item)]
