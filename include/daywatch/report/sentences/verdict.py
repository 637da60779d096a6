"""The verdict in words: what it means, since when, and from what the model recovered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.metric_definition import MetricKind
from daywatch.config.metrics import METRICS
from daywatch.formatting import plural
from daywatch.judge.causes.meanings import PERFORMANCE_FALL
from daywatch.results import State

if TYPE_CHECKING:
    from daywatch.report.content import Report

_OF_SERVICE = (MetricKind.OPERATIONS, MetricKind.INTAKE)
_OF_UNREADABLE = ("quarantined", "quarantined_share")

_FOLLOWERS = 2
"""How many of the things that follow from the first cause the headline names."""

MEANING = {
    State.RED: "Do not rely on this model until somebody has investigated.",
    State.AMBER: "The model still works, but it no longer meets every rule of its plan.",
    State.GREEN: "Every rule of the plan is met.",
    State.GREY: "There is not enough evidence to judge this window. Do not take this for a good verdict.",
}


def meaning(report: Report) -> str:
    """Return what the verdict means for somebody who uses the model's answers.

    Args:
        report: Content of the report.
    """
    state = report.verdict.state
    if state not in (State.RED, State.AMBER):
        return MEANING[state]
    names = {rule.metric for rule in report.verdict.rules if rule.state is state}
    of_service = all(name in METRICS and METRICS[name].kind in _OF_SERVICE for name in names)
    if not names or not of_service:
        return MEANING[state]
    others = f"No rule on the model's data or predictions is {state}."
    if names.issubset(_OF_UNREADABLE):
        return f"A part of the window could not be read. {others}"
    return f"The service or its captures are at fault. {others}"


def since(report: Report) -> str:
    """Return since when the model is in its state.

    Args:
        report: Content of the report.
    """
    state, before = report.verdict.state, report.previous_state
    if report.earlier_state is not None:
        return f"Judged again: the verdict on this window was {report.earlier_state}."
    if recovered := recovery(report):
        return f"{recovered[:1].upper()}{recovered[1:]}: {report.recovered_from} since {report.bad_since}."
    if before is None:
        return "This is the first judged window of the model."
    if report.windows_in_state == 1:
        return f"New in this window: the previous judged window was {before}."
    return f"{state} since {report.since}, {plural(report.windows_in_state, 'window')} in a row."


def recovery(report: Report) -> str:
    """Return after how long the model recovered, such as ``recovered after 1 day``; empty where it did not.

    Args:
        report: Content of the report.
    """
    if report.recovered_from is None or report.earlier_state is not None:
        return ""
    return f"recovered after {plural(report.bad_days, 'day')}"


def headline(report: Report) -> str:
    """Return the first cause as a sentence, with what follows from it in a few words.

    A cause whose share of the fall of performance was measured names that fall itself.

    Args:
        report: Content of the report.
    """
    verdict = report.verdict
    if not verdict.reasons:
        return MEANING[verdict.state]
    first = next(iter(verdict.causes), None)
    if first is None or first.sentence.lower() != verdict.reasons[0].lower():
        return verdict.reasons[0]
    follows = [
        one.short
        for one in verdict.causes
        if one.parent == first.fingerprint
        and one.short
        and not (first.explained is not None and one.name == PERFORMANCE_FALL)
    ]
    if not follows:
        return verdict.reasons[0]
    more = f" and {len(follows) - _FOLLOWERS} more" if len(follows) > _FOLLOWERS else ""
    verb = "follows" if len(follows) == 1 else "follow"
    return f"{verdict.reasons[0].rstrip('.')}; {', '.join(follows[:_FOLLOWERS])}{more} {verb} from it"
