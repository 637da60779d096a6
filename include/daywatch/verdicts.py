"""Verdicts: the outcomes of a plan's rules on a window, and the causes behind them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum

from daywatch.results import Against, Number, Record, State


class Topic(StrEnum):
    """What a rule is about, in the order of causes: what comes first may explain what follows."""

    DATA = "data"
    DRIFT = "drift"
    PERFORMANCE = "performance"
    SERVICE = "service"

    @property
    def rank(self) -> int:
        """The topic's place in the order."""
        return tuple(Topic).index(self)


class CauseKind(StrEnum):
    """Where a cause lies: in the features, labels or answers as captured, in the service, or in the world itself."""

    DATA = "data"
    LABELS = "labels"
    PREDICTION = "prediction"
    SERVICE = "service"
    WORLD = "world"


class RuleOutcome(Record):
    """The outcome of one rule of the plan on a window.

    Attributes:
        rule: The rule as text, such as ``roc_auc: green >= 0.8, red <= 0.7``.
        metric: Name of the metric.
        column: Name of the column, empty for the whole window.
        class_name: Name of the class, empty for all classes together.
        slice: Name of the slice, empty for all rows.
        over: Number of days of the span that the rule is about, None for the window itself.
        against: The kind of baseline of that span, None for the window itself.
        compared: What else the metric is compared with than the baseline, such as ``against previous``.
        value: The metric's value on the window.
        baseline: The metric's value on the baseline.
        state: The state by this rule.
        found: The state by this window alone, None where that is the state that counts.
        reason: One sentence with the numbers.
        short: The reason in a few words, for a table.
        topic: What the rule is about.
    """

    rule: str
    metric: str
    column: str = ""
    class_name: str = ""
    slice: str = ""
    over: int | None = None
    against: Against | None = None
    compared: str = ""
    value: Number = None
    baseline: Number = None
    state: State
    found: State | None = None
    reason: str
    short: str
    topic: Topic = Topic.PERFORMANCE


def causes_first(outcomes: Iterable[RuleOutcome]) -> list[RuleOutcome]:
    """Return the outcomes that are not GREEN: RED and AMBER ones in the order of causes, then GREY ones.

    Faults of the data explain drift, and both explain a fall of performance, so they come first even where they are
    AMBER and the fall is RED. Nothing of that explains a service that alone is as bad as the window, which then comes
    first itself. Within one topic, the worst comes first.

    Args:
        outcomes: The outcomes of all rules, in the plan's order.
    """
    bad = [one for one in outcomes if one.state > State.GREEN]
    worst = max((one.state for one in bad), default=State.GREEN)
    of_worst = {one.topic for one in bad if one.state is worst}
    alone = Topic.SERVICE if of_worst == {Topic.SERVICE} else None

    def place(one: RuleOutcome) -> tuple[bool, bool, int, int]:
        return one.state is State.GREY, one.topic is not alone, one.topic.rank, -one.state.rank

    return sorted(bad, key=place)


class VerdictCause(Record):
    """One thing that made a window RED, AMBER or GREY.

    Attributes:
        rank: Its place among the window's causes, from 1: each cause is followed by what follows from it.
        kind: Where it lies.
        name: What it is, such as ``missing_values``.
        column: Name of the column, empty for the whole window.
        class_name: Name of the class, empty for all classes together.
        slice: Name of the slice, empty for all rows.
        fingerprint: What recognizes it in other windows and in other models: of kind, column or name, class, slice.
        state: The worst state that it led to itself.
        sentence: One sentence with the numbers.
        short: The same in a few words.
        metric: Name of the metric that showed it.
        value: That metric's value in the window.
        baseline: That metric's value in the baseline.
        parent: Fingerprint of the cause that it follows from, empty where it follows from none.
        explained: The share of the fall of performance that it explains, None where that was not measured.
    """

    rank: int
    kind: CauseKind
    name: str
    column: str = ""
    class_name: str = ""
    slice: str = ""
    fingerprint: str
    state: State
    sentence: str
    short: str
    metric: str = ""
    value: Number = None
    baseline: Number = None
    parent: str = ""
    explained: Number = None


class Verdict(Record):
    """The judgement of a window.

    Attributes:
        state: The worst state of all rules.
        reasons: The reasons of the rules that are not GREEN, the first cause first; of all rules if all are GREEN.
        short: The first reason in a few words.
        rules: The outcomes of all rules, in the plan's order.
        causes: What made the window RED, AMBER or GREY, in the order of their ranks; nothing for GREEN.
    """

    state: State
    reasons: tuple[str, ...]
    short: str
    rules: tuple[RuleOutcome, ...]
    causes: tuple[VerdictCause, ...] = ()

    @property
    def failing(self) -> RuleOutcome | None:
        """The rule of the first reason, the first cause of a RED or AMBER verdict."""
        if self.state not in (State.RED, State.AMBER):
            return None
        return next(iter(causes_first(self.rules)), None)

    def root_causes(self, kinds: Collection[CauseKind] = tuple(CauseKind)) -> tuple[VerdictCause, ...]:
        """Return the RED and AMBER causes of some kinds that follow from no other, in the order of their ranks.

        Args:
            kinds: The kinds that count, such as those for which a plan retrains or sends an alert.
        """
        return tuple(
            one for one in self.causes if not one.parent and one.state >= State.AMBER and one.kind in kinds
        )
