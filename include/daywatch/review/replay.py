"""Stored windows judged again by another plan: what history holds is judged, what it lacks is GREY. Writes nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from pydantic import ValidationError

from daywatch.config.model.plan import STANDARD
from daywatch.errors import SetupError
from daywatch.judge.evidence import read_evidence
from daywatch.judge.faults import BY_DEFAULT
from daywatch.measure.service.metric_history import histories, key_of, needed_days
from daywatch.measure.service.past_windows import PastOutcome
from daywatch.results import State
from daywatch.review.changes import Replay, ReplayedWindow, alerts_of
from daywatch.review.held import for_plan, is_held, lost_baselines
from daywatch.stages.judge import verdict_of
from daywatch.storage import open_storage
from daywatch.verdicts import RuleOutcome, Topic, Verdict, causes_first
from daywatch.warehouse.database import transaction
from daywatch.warehouse.history import judged_runs

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.model import MonitoredModel
    from daywatch.config.model.plan import Plan
    from daywatch.judge.evidence import Evidence
    from daywatch.results import Metric
    from daywatch.run import WindowRun
    from daywatch.storage import Storage
    from daywatch.window import Window

_READERS = 8
"""Windows that are read at the same time: a storage answers slower than they are judged."""

_SPARE = 31
"""Times as many windows are read as outcomes are needed: a rule may be due once a month."""

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
    with transaction(deployment.warehouse_url) as connection:
        runs = judged_runs(connection, model.model, last)
        if not runs:
            msg = (
                f"No window of {model.model!r} was judged, so there is nothing to judge again: run "
                f"`daywatch run --model {model.model} --window DAY` first."
            )
            raise SetupError(msg)
        first = runs[0][0].window
        needed = needed_days(model.plan.all_rules, first).values()
        longer = max(((first.first - day).days for day, _ in needed), default=0)
        longer = max(longer, _SPARE * max(model.plan.outcomes_needed.values(), default=0))
        stored = judged_runs(connection, model.model, last + longer) if longer else runs
    artifacts = open_storage(deployment.artifacts_uri, deployment)
    with ThreadPoolExecutor(_READERS) as pool:
        read = list(pool.map(lambda judged: _read(judged, artifacts, model), stored))
    windows: list[ReplayedWindow] = []
    judged: list[tuple[Window, Verdict]] = []
    for place, one in enumerate(read):
        window, now = _again(one, read[:place], judged, model)
        judged.append((one.run.window, now))
        if one.run.window >= first:
            windows.append(window)
    return Replay(model=model.model, windows=tuple(windows))


@dataclass(frozen=True)
class _Stored:
    """A window's stored results, as the other plan needs them.

    Attributes:
        run: The window's run.
        was: The verdict of its day.
        plan: The other plan, without the standard rules where the window was measured without them.
        stored: The evidence, as it is stored.
        evidence: The evidence, as the other plan would have had it; None if it cannot be read.
        lost: Why it cannot be read.
    """

    run: WindowRun
    was: Verdict
    plan: Plan
    stored: Evidence | None = None
    evidence: Evidence | None = None
    lost: str = ""

    @cached_property
    def compared(self) -> tuple[Metric, ...]:
        """The metrics that rules of the plan compare later windows with."""
        keys = [key_of(rule) for rule in self.plan.all_rules if rule.needs_history]
        metrics = self.evidence.metrics if self.evidence is not None and keys else ()
        return tuple(metric for metric in metrics if any(key.is_of(metric) for key in keys))


def _read(judged: tuple[WindowRun, State, str], artifacts: Storage, model: MonitoredModel) -> _Stored:
    """Read a window's results; of those that are gone or of another version, only the verdict is known."""
    run, state, short = judged
    plan = model.plan
    try:
        was = Verdict.model_validate_json(artifacts.read(run.folder.verdict))
        has_standard = _has_standard(was)
        if plan.is_standard and not has_standard:
            # Without the standard rules, a day is not measured as they need it: other distances, no calibration.
            plan = plan.model_copy(update={"preset": None, "rules": plan.rules or (BY_DEFAULT,)})
        stored = read_evidence(run, artifacts, model.model_copy(update={"plan": plan}))
        return _Stored(run, was, plan, stored, for_plan(stored, plan, was_standard=has_standard))
    except (FileNotFoundError, ValidationError) as error:
        why = "are no longer stored" if isinstance(error, FileNotFoundError) else "are of another version"
        was = Verdict(state=state, reasons=(short,), short=short, rules=())
        return _Stored(run, was, plan, lost=f"The window's results {why}")


def _again(
    one: _Stored, earlier: list[_Stored], judged: list[tuple[Window, Verdict]], model: MonitoredModel
) -> tuple[ReplayedWindow, Verdict]:
    """Judge a window again, with the history that the windows before it give."""
    if one.stored is None or one.evidence is None:
        now = Verdict(state=State.GREY, reasons=(one.lost,), short=one.lost, rules=())
        return _window(one.run, one.was, now, ("the window's results",)), now
    plan, evidence = one.plan, one.evidence
    window = one.run.window
    known = [
        (other.run.window, other.compared)
        for other in earlier
        if other.run.window.end <= window.start
        and other.run.window.end - other.run.window.start == window.end - window.start
    ]
    metrics = histories(needed_days(plan.all_rules, window), known)
    outcomes = _outcomes(plan, window, judged)
    evidence = replace(
        evidence, past=evidence.past.model_copy(update={"metrics": metrics, "outcomes": outcomes})
    )
    now = verdict_of(plan, evidence)
    due = [rule for rule in plan.rules if rule.is_due(window)]
    lacking = [
        rule.target
        for rule, outcome in zip(due, now.rules, strict=False)
        if outcome.state is State.GREY and not is_held(rule, evidence)
    ]
    lacking += lost_baselines(one.stored, evidence)
    if model.plan.is_standard and not _has_standard(one.was):
        now = _with_standard_unknown(now)
        lacking.append(STANDARD_RULES)
    return _window(one.run, one.was, now, tuple(lacking)), now


def _outcomes(plan: Plan, window: Window, judged: list[tuple[Window, Verdict]]) -> tuple[PastOutcome, ...]:
    """Return the outcomes of rules that persist, of the windows judged again before, the latest first."""
    needed = plan.outcomes_needed
    before = [one for one in judged if needed and one[0].end <= window.start]
    return tuple(
        PastOutcome(window=past.key, rule=one.rule, found=one.found or one.state, state=one.state)
        for past, verdict in reversed(before[-_SPARE * max(needed.values(), default=0) :])
        for one in verdict.rules
        if one.rule in needed
    )


def _has_standard(verdict: Verdict) -> bool:
    return any(one.rule.startswith(f"{STANDARD}: ") for one in verdict.rules)


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
