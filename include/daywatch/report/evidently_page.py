"""The verdict above Evidently's page: its own headline counts drifted columns and knows nothing of the plan."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from daywatch.measure.evidently_report.page import VERDICT_BEGIN, VERDICT_END
from daywatch.report.visible import visible_report
from daywatch.results import State

if TYPE_CHECKING:
    from daywatch.report.content import Report

_COLOURS = {State.GREEN: "#1a7f37", State.AMBER: "#9a6700", State.RED: "#cf222e", State.GREY: "#57606a"}

# In Airflow's frame the page has an origin of its own, and a link would lose the login. The way back does not.
_BACK = "if (window.self !== window.top) { history.back(); return false }"


def with_verdict(page: str, report: Report) -> str:
    """Return Evidently's page with the verdict above it; a verdict that is there already is replaced.

    Args:
        page: Evidently's page, as the stage ``measure`` stored it.
        report: Content of the window's report.
    """
    before, begin, rest = page.partition(VERDICT_BEGIN)
    _, end, after = rest.partition(VERDICT_END)
    if not end:  # A page of an older Daywatch.
        return page
    return before + begin + _banner(visible_report(report)) + end + after


def _banner(report: Report) -> str:
    """Return state, model, date and first reason, and the way back to the report."""
    state = report.verdict.state
    reason = report.verdict.reasons[0] if report.verdict.reasons else ""
    return (
        f'<div style="border-left:8px solid {_COLOURS[state]};padding:2px 16px">'
        f'<p><a href="report.html" onclick="{escape(_BACK)}">Back to the report of this window</a></p>'
        f'<p style="font-size:20px"><strong style="color:{_COLOURS[state]}">{state}</strong>'
        f" {escape(report.model)} {escape(report.window)}</p>"
        f"<p>{escape(reason)}</p>"
        "<p>The verdict comes from the model's plan. Evidently's headline below only counts drifted columns: "
        "it may say that no drift is detected on a RED day.</p></div>"
    )
