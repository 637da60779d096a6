"""The incidents of a window in words: since when, what the window did to them, who looks after them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.formatting import plural

if TYPE_CHECKING:
    from daywatch.report.content import Report, ReportIncident

MOST_INCIDENTS = 3
"""Incidents that are listed before ``and n more``."""


@dataclass(frozen=True)
class IncidentRow:
    """An incident in words.

    Attributes:
        text: Since when it is open or was, its cause where the headline does not say it, and who looks after it.
        link: Address of its page where somebody has to look after it, else empty.
    """

    text: str
    link: str


def incident_rows(report: Report) -> tuple[IncidentRow, ...]:
    """Return the incidents that are listed.

    Args:
        report: Content of the report.
    """
    first = report.verdict.reasons[0] if report.verdict.reasons else ""
    return tuple(_row(one, first) for one in report.incidents[:MOST_INCIDENTS])


def shaded_windows(report: Report) -> tuple[str, ...]:
    """Return the windows of the trend during which the first incident was open.

    Args:
        report: Content of the report.
    """
    one = next(iter(report.incidents), None)
    if one is None:
        return ()
    windows = (point.window for point in report.history if point.window >= one.first)
    return tuple(window for window in windows if one.is_open or window != report.window)


def shading(report: Report) -> str:
    """Return what the shading of the trend means, as a sentence; empty where nothing is shaded.

    Args:
        report: Content of the report.
    """
    windows = shaded_windows(report)
    if not windows:
        return ""
    days = " to ".join(dict.fromkeys((windows[0], windows[-1])))
    return f"Shaded: the incident, {days}."


def _row(one: ReportIncident, headline: str) -> IncidentRow:
    """Return an incident in words, without its cause where that is the headline."""
    sentence = one.sentence.rstrip(".")
    cause = "" if sentence.lower() == headline.rstrip(".").lower() else f": {sentence}"
    shared = f", shared by {plural(one.models, 'model')}" if one.models > 1 else ""
    if not one.is_open:
        return IncidentRow(text=f"The incident since {one.first}{shared} is closed{cause}.", link="")
    is_new = one.happened == "opened"
    since = "New incident" if is_new else f"Incident since {one.first}"
    happened = f", {one.happened} in this window" if one.happened and not is_new else ""
    who = f"Acknowledged by {one.acknowledged_by}" if one.acknowledged_by else "Nobody has acknowledged it"
    return IncidentRow(
        text=f"{since}{happened}{shared}{cause}. {who}.", link="" if one.acknowledged_by else one.link
    )
