"""Numbers of a window that are beyond their threshold and no alert, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from daywatch.config.metric_definition import MetricKind
from daywatch.config.metrics import METRICS
from daywatch.config.model.plan import STANDARD
from daywatch.measure.calibration.limits import JUDGED_PERFORMANCE
from daywatch.measure.service.past_windows import alert_name
from daywatch.results import FindingCode, Record, State
from daywatch.verdicts import Topic

if TYPE_CHECKING:
    from daywatch.results import Finding
    from daywatch.review.thresholds import Compared
    from daywatch.verdicts import RuleOutcome

_REPEATED = ("drift_score", "prediction_drift", "target_drift", *JUDGED_PERFORMANCE)
"""What the standard rules count if it stands out far, or again."""


class Excused(Record):
    """A number beyond its threshold that is no alert.

    Attributes:
        name: What it is, such as ``drift_score(amount)``.
        why: Why it does not count.
    """

    name: str
    why: str


def excused_numbers(
    numbers: Iterable[Compared], rules: Iterable[RuleOutcome], findings: Iterable[Finding]
) -> Iterator[Excused]:
    """Yield the numbers beyond their threshold that no RED or AMBER rule is about, each with the reason.

    Args:
        numbers: The numbers that have a threshold.
        rules: The outcomes of all rules of the window.
        findings: The findings.
    """
    of_window = [one for one in rules if not (one.slice or one.over or one.class_name)]
    by_name = {alert_name(one.metric, one.column): one for one in of_window}
    standard = [one for one in of_window if one.rule.startswith(f"{STANDARD}: ")]
    gone = {one.column for one in findings if one.code is FindingCode.FEATURE_MISSING}
    for number in numbers:
        rule = by_name.get(number.name)
        if not number.beyond or (rule is not None and rule.state >= State.AMBER):
            continue
        if rule is not None and rule not in standard:
            why = f"the plan's own rule is {rule.state}: {rule.rule}"
        elif rule is not None and rule.state is State.GREY:
            why = rule.reason
        elif any(number.name == alert_name(number.metric, column) for column in gone):
            why = "the feature is missing altogether, which is an alert of its own"
        else:
            why = _by_standard(number, standard)
        yield Excused(name=number.name, why=why)


def _by_standard(number: Compared, standard: list[RuleOutcome]) -> str:
    kind = METRICS[number.metric].kind if number.metric in METRICS else None
    # Where a window has enough rows, drift has an outcome, if only that nothing drifted.
    too_few = standard and all(one.topic is not Topic.DRIFT for one in standard)
    if too_few and kind in (MetricKind.DATA, MetricKind.DRIFT) and number.metric != "drifted_share":
        return "the window has too few rows"
    if not standard or number.metric not in _REPEATED:
        return "no rule of the plan judges it"
    if kind is MetricKind.TARGET:
        return "beyond its threshold in this window alone, or of too few labels"
    return "beyond its threshold in this window alone, and not far enough to count at once"
