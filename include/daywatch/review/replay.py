"""Stored windows judged again by another plan: what history holds is judged, what it lacks is GREY. Writes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.model.plan import STANDARD
from daywatch.results import State
from daywatch.review.changes import Replay, ReplayedWindow, alerts_of
from daywatch.review.held import is_held, lost_baselines
from daywatch.review.stored import StoredWindow, has_standard, judged_again
from daywatch.verdicts import RuleOutcome, Topic, Verdict, causes_first

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.model import MonitoredModel
    from daywatch.run import WindowRun

STANDARD_RULES = "the standard rules"


def replay(model: MonitoredModel, last: int, deployment: Deployment) -> Replay:
    """Judge the latest judged windows again by the plan of a configuration, from their stored results.

    Args:
        model: The model's configuration with the plan to try.
        last: Number of windows at most.
        deployment: Addresses and connections of storage and warehouse.

    Raises:
        SetupError: No window of the model was judged.
        InfrastructureError: The storage or the warehouse did not answer.
    """
    windows = tuple(_replayed(one, now, model) for one, now in judged_again(model, last, deployment))
    return Replay(model=model.model, windows=windows)


def _replayed(one: StoredWindow, now: Verdict | None, model: MonitoredModel) -> ReplayedWindow:
    """Compare a window's verdict by the other plan with the stored one."""
    if now is None or one.stored is None or one.evidence is None:
        lost = Verdict(state=State.GREY, reasons=(one.lost,), short=one.lost, rules=())
        return _window(one.run, one.was, lost, ("the window's results",))
    due = one.plan.due_rules(one.run.window)
    lacking = [
        rule.target
        for rule, outcome in zip(due, now.rules, strict=False)
        if outcome.state is State.GREY and not is_held(rule, one.evidence)
    ]
    lacking += lost_baselines(one.stored, one.evidence)
    if model.plan.is_standard and not has_standard(one.was):
        now = _with_standard_unknown(now)
        lacking.append(STANDARD_RULES)
    return _window(one.run, one.was, now, tuple(lacking))


def _window(run: WindowRun, was: Verdict, now: Verdict, lacking: tuple[str, ...]) -> ReplayedWindow:
    before, after = alerts_of(was), alerts_of(now)
    return ReplayedWindow(
        window=run.window.key,
        was=was.state,
        was_short=was.short,
        becomes=now.state,
        short=now.short,
        reasons=now.reasons,
        added=tuple(one for one in after if one not in before),
        removed=tuple(one for one in before if one not in after),
        lacking=lacking,
    )


def _with_standard_unknown(verdict: Verdict) -> Verdict:
    """Return a verdict to which the standard rules are added, of which nothing is known."""
    reason = "The standard rules are unknown: the window was measured without them"
    lacking = RuleOutcome(
        rule=STANDARD,
        metric=STANDARD,
        state=State.GREY,
        reason=reason,
        short="measured without the standard rules",
        topic=Topic.DATA,
    )
    rules = (*verdict.rules, lacking)
    leading = causes_first(rules)
    return Verdict(
        state=max(verdict.state, State.GREY),
        reasons=tuple(dict.fromkeys(one.reason for one in leading)),
        short=leading[0].short,
        rules=rules,
    )
