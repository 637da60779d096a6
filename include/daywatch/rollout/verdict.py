"""The verdict on two versions that serve at once: the candidate clears, fails, or there is too little evidence yet."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from daywatch.config.metrics import LOWER_IS_BETTER
from daywatch.formatting import metric_title, metric_value, number, plural
from daywatch.results import Number, Record

if TYPE_CHECKING:
    from daywatch.config.model.rollout import Rollout
    from daywatch.retrain.paired import Difference


class RolloutState(StrEnum):
    """What is known of the candidate."""

    CLEARS = "clears"
    FAILS = "fails"
    UNKNOWN = "not enough evidence yet"


_SAYS = {
    RolloutState.CLEARS: " clears",
    RolloutState.FAILS: " fails",
    RolloutState.UNKNOWN: ": not enough evidence yet",
}


class Side(Record):
    """A version on the rows that are compared.

    Attributes:
        version: The version.
        rows: Number of labelled rows.
        value: Its metric, None where it has none.
    """

    version: str
    rows: int
    value: Number = None


class RolloutVerdict(Record):
    """A verdict on two versions.

    Attributes:
        state: What is known of the candidate.
        metric: The metric in which they are compared.
        margin: How much worse the candidate may be.
        champion: The version in production.
        candidate: The version that is to take its place.
        hours: Number of hours in which both served; no other hours count.
        first: Key of the first window that counts, empty for none.
        last: Key of the last one.
        improvement: How much better the candidate is; negative if it is worse. None if that is unknown.
        low: Lower end of the improvement's 95 % confidence interval, None if there is none.
        high: Upper end.
        method: Name of the interval's method.
        reason: The verdict as a sentence with the numbers.
    """

    state: RolloutState
    metric: str
    margin: float
    champion: Side
    candidate: Side
    hours: int
    first: str = ""
    last: str = ""
    improvement: Number = None
    low: Number = None
    high: Number = None
    method: str = ""
    reason: str


def judge_rollout(
    settings: Rollout,
    champion: Side,
    candidate: Side,
    difference: Difference | None,
    hours: int,
    days: tuple[str, str],
) -> RolloutVerdict:
    """Judge two versions: the candidate clears if it is certainly not worse by more than the margin.

    Args:
        settings: The rollout, as the YAML says.
        champion: The version in production.
        candidate: The version that is to take its place.
        difference: The candidate's metric less the champion's, None where it is unknown.
        hours: Number of hours in which both served.
        days: Keys of the first and the last window that count.
    """
    sign = -1 if settings.metric in LOWER_IS_BETTER else 1
    improvement, low, high = None, None, None
    if difference is not None:
        improvement = sign * difference.value
        low, high = sorted((sign * difference.low, sign * difference.high))
    state, why = _state(settings, champion, candidate, low, high)
    return RolloutVerdict(
        state=state,
        metric=settings.metric,
        margin=settings.margin,
        champion=champion,
        candidate=candidate,
        hours=hours,
        first=days[0],
        last=days[1],
        improvement=improvement,
        low=low,
        high=high,
        method=difference.method if difference is not None else "",
        reason=_reason(settings, champion, candidate, (improvement, low, high), hours, state, why),
    )


def _state(
    settings: Rollout, champion: Side, candidate: Side, low: float | None, high: float | None
) -> tuple[RolloutState, str]:
    """Return the verdict, and why it is not known yet."""
    short = [side for side in (champion, candidate) if side.rows < settings.minimum_rows]
    if short:
        few = " and ".join(f"{side.version} has {plural(side.rows, 'labelled row')}" for side in short)
        return RolloutState.UNKNOWN, f"{few}, and {settings.minimum_rows:,} are needed (rollout.minimum_rows)"
    if low is None or high is None:
        return RolloutState.UNKNOWN, f"{metric_title(settings.metric)} has no interval on these rows"
    if low > -settings.margin:
        return RolloutState.CLEARS, ""
    if high < -settings.margin:
        return RolloutState.FAILS, ""
    return RolloutState.UNKNOWN, "the interval leaves both possible"


def _reason(
    settings: Rollout,
    champion: Side,
    candidate: Side,
    ends: tuple[float | None, float | None, float | None],
    hours: int,
    state: RolloutState,
    why: str,
) -> str:
    """Return the verdict as a sentence with the numbers."""
    values = [metric_value(settings.metric, side.value) for side in (candidate, champion)]
    numbers = (
        f"{metric_title(settings.metric)} of {candidate.version} {values[0]} ({plural(candidate.rows, 'row')}), "
        f"of {champion.version} {values[1]} ({plural(champion.rows, 'row')}) "
        f"in {plural(hours, 'hour')} that both served"
    )
    improvement, low, high = ends
    if improvement is not None and low is not None and high is not None:
        numbers += f": improvement {number(improvement)} ({number(low)} to {number(high)})"
    allowed = f"{number(settings.margin)} worse is allowed"
    return f"Version {candidate.version}{_SAYS[state]}. {numbers}; {allowed}{f'; {why}' if why else ''}."
