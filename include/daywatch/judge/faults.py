"""Faults of the data: findings without which the window's other numbers mean nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.model.plan import FAULTS_METRIC
from daywatch.config.model.rule import Rule
from daywatch.formatting import metric_title
from daywatch.judge.opinion import Opinion, opinion_on
from daywatch.judge.reference import Reference
from daywatch.results import DATA_FAULTS, FindingCode, Metric, State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daywatch.results import Finding

BY_DEFAULT = Rule.model_validate({"metric": FAULTS_METRIC, "red": "> 0"})
"""The rule of a plan that has none of its own on faults of the data."""

_NAMED = 3


def data_faults(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that are faults of the data."""
    return [finding for finding in findings if finding.code in DATA_FAULTS]


def opinion_on_faults(rule: Rule, faults: list[Finding]) -> Opinion:
    """Return the state of a window by its faults, with their sentences as the reason.

    Args:
        rule: The plan's rule on faults of the data.
        faults: The faults.
    """
    title = metric_title(FAULTS_METRIC)
    opinion = opinion_on(rule, Metric(name=FAULTS_METRIC, value=len(faults)), title, Reference())
    if opinion.state is State.GREEN:
        return opinion
    more = len(faults) - _NAMED
    details = "; ".join(one.detail for one in faults[:_NAMED]) + (f"; and {more} more" if more > 0 else "")
    codes = ", ".join(dict.fromkeys(_short(one) for one in faults))
    named = faults[0].column and details.startswith(faults[0].column)
    return Opinion(opinion.state, details if named else details[:1].upper() + details[1:], codes)


def _short(fault: Finding) -> str:
    """Return a fault in a few words, with the feature that is missing."""
    words = str(fault.code).replace("_", " ")
    return f"{words}: {fault.column}" if fault.code is FindingCode.FEATURE_MISSING else words
