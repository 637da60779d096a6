"""The explanation of a verdict as lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from daywatch.formatting import metric_value
from daywatch.results import State
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.review.explain import Explanation
    from daywatch.review.thresholds import Compared
    from daywatch.verdicts import RuleOutcome

_THRESHOLDS = 20
_LINE = 400


def chain_lines(found: Explanation) -> tuple[str, ...]:
    """Return an explanation, a line each; captured text in it is harmless.

    Args:
        found: The explanation.
    """
    return tuple(shown(line, _LINE) for line in _lines(found))


def _lines(found: Explanation) -> Iterator[str]:
    yield f"{found.model} {found.window} is {found.state}: {found.reasons[0]}"
    yield f"revision {found.revision}, compared with the baseline {found.baseline_id}"
    causes = [one for one in found.causes if one.state is not State.GREY or found.state is State.GREY]
    if causes:
        yield ""
        yield "Causes, and what follows from them"
    number = 0
    for cause in causes:
        number += not cause.parent
        about = (
            f"  {number}. {cause.state} ({cause.kind})" if not cause.parent else f"     then {cause.state}"
        )
        yield f"{about}: {cause.sentence}"
    yield ""
    yield "Evidence"
    yield from (f"  {sentence}" for sentence in found.evidence)
    judged = [one for one in found.rules if one.state is not State.GREY]
    grey = [one for one in found.rules if one.state is State.GREY]
    by_name = {one.name: one for one in found.thresholds}
    yield ""
    yield "Rules, in the order of causes"
    for number, rule in enumerate(judged, start=1):
        yield from _rule(number, rule, by_name)
    if not judged:
        yield "  none could be judged"
    if grey:
        yield ""
        yield "GREY, and why"
        yield from (f"  {one.rule}: {one.reason}" for one in grey)
    if found.excused:
        yield ""
        yield "Beyond a threshold, and no alert"
        yield from (f"  {one.name}: {one.why}" for one in found.excused)
    if found.thresholds:
        yield ""
        yield "Thresholds"
        yield from (f"  {_threshold(one)}" for one in found.thresholds[:_THRESHOLDS])
    if (more := len(found.thresholds) - _THRESHOLDS) > 0:
        yield f"  and {more} more, with --format json"


def _rule(number: int, rule: RuleOutcome, by_name: dict[str, Compared]) -> Iterator[str]:
    yield f"  {number}. {rule.state} ({rule.topic}): {rule.reason}"
    yield f"     rule: {rule.rule}"
    name = f"{rule.metric}({rule.column})" if rule.column else rule.metric
    if name in by_name and not (rule.slice or rule.over or rule.class_name):
        yield f"     threshold: {_limit(by_name[name])}"


def _threshold(one: Compared) -> str:
    value = metric_value(one.metric, one.value)
    return f"{one.name} {value}, {'beyond' if one.beyond else 'within'} {_limit(one)}"


def _limit(one: Compared) -> str:
    return f"{metric_value(one.metric, one.threshold)}, {one.origin}"
