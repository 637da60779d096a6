"""What another plan changes: the windows that were judged again, compared with their stored verdicts."""

from __future__ import annotations

from collections import Counter

from daywatch.config.model.plan import STANDARD
from daywatch.config.model.rule import rule_target
from daywatch.notify.decide import should_notify
from daywatch.results import Record, State
from daywatch.verdicts import RuleOutcome, Verdict

_ALERTS = (State.AMBER, State.RED)


class ReplayedWindow(Record):
    """A window judged again.

    Attributes:
        window: Its key.
        was: The stored state.
        was_short: The stored first reason in a few words.
        becomes: The state by the other plan.
        short: The first reason by the other plan in a few words.
        reasons: The reasons by the other plan.
        added: What is AMBER or RED by the other plan alone, such as ``drift_score(amount)``.
        removed: What was AMBER or RED, and is not by the other plan.
        lacking: What the other plan judges and history does not hold: rules whose metric was not measured then.
    """

    window: str
    was: State
    was_short: str
    becomes: State
    short: str
    reasons: tuple[str, ...]
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether its state or its alerts change."""
        return self.was is not self.becomes or bool(self.added or self.removed)


class Replay(Record):
    """The windows of a model, judged again.

    Attributes:
        model: Name of the model.
        windows: The windows, oldest first, at least one.
    """

    model: str
    windows: tuple[ReplayedWindow, ...]

    @property
    def changed(self) -> tuple[ReplayedWindow, ...]:
        """The windows whose state or alerts change."""
        return tuple(one for one in self.windows if one.changes)

    @property
    def moves(self) -> dict[tuple[State, State], int]:
        """The number of windows by stored and new state, where these differ, the most frequent first."""
        moved = Counter((one.was, one.becomes) for one in self.windows if one.was is not one.becomes)
        return dict(sorted(moved.items(), key=lambda item: (-item[1], item[0])))

    @property
    def lacking(self) -> dict[str, int]:
        """The number of windows that lack what the other plan judges, by what it is."""
        return dict(Counter(name for one in self.windows for name in one.lacking))

    @property
    def mails(self) -> tuple[int, int]:
        """The number of mails by the stored verdicts and by the others: on RED and on a change of state."""
        return _mails([one.was for one in self.windows]), _mails([one.becomes for one in self.windows])


def alerts_of(verdict: Verdict) -> tuple[str, ...]:
    """Return what is AMBER or RED in a verdict, each once, in the order of its rules."""
    return tuple(dict.fromkeys(_target(one) for one in verdict.rules if one.state in _ALERTS))


def _target(outcome: RuleOutcome) -> str:
    if outcome.rule == STANDARD:
        return STANDARD
    span = None if outcome.over is None or outcome.against is None else (outcome.over, outcome.against)
    return rule_target(
        outcome.metric, outcome.column or outcome.class_name, outcome.slice, span, outcome.compared
    )


def _mails(states: list[State]) -> int:
    """Return how many windows were mailed; before the first, the state is taken to have been the same."""
    return sum(
        should_notify(state, before).send for before, state in zip([states[0], *states], states, strict=False)
    )
