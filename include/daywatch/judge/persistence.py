"""States that count only if they persist: in so many of the last windows, at once if severe, until it recovers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.model.rule import Rule
from daywatch.formatting import plural
from daywatch.results import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daywatch.config.model.conditions import Expected
    from daywatch.config.model.persistence import Persistence
    from daywatch.config.model.rule_group import RuleGroup
    from daywatch.measure.service.past_windows import PastOutcome
    from daywatch.verdicts import RuleOutcome

_ALERTS = (State.AMBER, State.RED)


def persisted(
    rule: Rule | RuleGroup,
    outcome: RuleOutcome,
    before: Sequence[PastOutcome],
    expected: Expected | None = None,
) -> RuleOutcome:
    """Return an outcome whose state counts by the windows before.

    Args:
        rule: The rule.
        outcome: Its outcome by this window alone.
        before: Its outcomes in the windows before, the latest first; one that is GREY lets nothing recover.
        expected: What the metric is compared with, None for several rules together.
    """
    found = outcome.state
    recovers = rule.recovers if isinstance(rule, Rule) else None
    if found is State.GREY or (rule.persistence is None and recovers is None):
        return outcome
    state: State = found
    words = ""
    if rule.persistence is not None:
        state, words = _counted(rule.persistence, outcome, before)
        severe = rule.at_once if isinstance(rule, Rule) else None
        if state < found and severe is not None and expected and severe.is_met(outcome.value, expected):
            state, words = found, f"at once, because it is {severe.text}"
    kept = next((one.state for one in before if one.state is not State.GREY), State.GREEN)
    if recovers is not None and kept in _ALERTS and state < kept:
        is_back = expected is not None and recovers.is_met(outcome.value, expected)
        if not is_back:
            state, words = kept, f"it recovers only {recovers.text}"
    reason = f"{outcome.reason}; {words}" if words else outcome.reason
    return outcome.model_copy(update={"state": state, "found": found, "reason": reason})


def _counted(
    persistence: Persistence, outcome: RuleOutcome, before: Sequence[PastOutcome]
) -> tuple[State, str]:
    """Return the worst state that enough of the last windows have, and how many of them are AMBER or RED.

    It is GREY where this window is bad alone and windows before, of which nothing is known, might have been bad too.
    """
    earlier = [one.found for one in before[: persistence.of - 1] if one.found is not State.GREY]
    last = [outcome.state, *earlier]
    state: State = State.GREEN
    for level in _ALERTS:
        if sum(one >= level for one in last) >= persistence.windows:
            state = level
    times = sum(one in _ALERTS for one in last)
    if state is outcome.state:
        return state, ""
    unknown = persistence.of - len(last)
    if state is State.GREEN and times and times + unknown >= persistence.windows and outcome.state in _ALERTS:
        missing = plural(unknown, "window") + (" before has" if unknown == 1 else " before have")
        words = f"whether it persists is not known: {missing} no outcome, {persistence.text} count"
        return State.GREY, words
    return state, f"{times} of the last {plural(len(last), 'window')} AMBER or RED, {persistence.text} count"
