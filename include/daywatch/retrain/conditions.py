"""The conditions of a retraining, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from daywatch.formatting import percent, plural
from daywatch.results import State
from daywatch.retrain.evidence import Condition, Outcome, PastRetraining, Request, RetrainingEvidence, Trigger
from daywatch.verdicts import CauseKind

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.config.model.retraining import Retraining
    from daywatch.run import WindowRun
    from daywatch.verdicts import Verdict


_AT_FAULT = {
    CauseKind.DATA: "The data is at fault, and a model trained on it would learn the fault",
    CauseKind.LABELS: "The labels are at fault, and a model trained on them would learn the fault",
    CauseKind.SERVICE: "The service is at fault, and no training repairs it",
}


def conditions_of(
    run: WindowRun,
    verdict: Verdict,
    model: MonitoredModel,
    settings: Retraining,
    evidence: RetrainingEvidence,
    request: Request,
) -> tuple[Condition, ...]:
    """Return all conditions of a retraining, whether they hold or not; the first says what asks for it.

    Args:
        run: The window's run.
        verdict: The window's verdict.
        model: The model's configuration.
        settings: Its settings for retraining.
        evidence: The labels, and the retrainings before.
        request: What asks for the decision.
    """
    return (
        *asked(run, verdict, model, evidence, request),
        *_first_time(evidence, request),
        *_of_window(run, verdict, settings, evidence, replay_time(run, model, request.at)),
        *_of_the_past(run, settings, evidence, request),
    )


def verdict_run_id(run: WindowRun) -> str:
    """Return the id of the retraining run that a window's verdict leads to."""
    return f"retrain__{run.model}__{run.window.key}"


def replay_time(run: WindowRun, model: MonitoredModel, at: datetime) -> datetime:
    """Return the time of a decision; of a model whose last window is over, the time at which it was due.

    Such a model is replayed from history, and each of its windows would be old by the clock.

    Args:
        run: The window's run.
        model: The model's configuration.
        at: The time by the clock.
    """
    return min(at, run.window.end) if model.schedule.is_over(at) else at


def asked(
    run: WindowRun,
    verdict: Verdict,
    model: MonitoredModel,
    evidence: RetrainingEvidence,
    request: Request,
) -> tuple[Condition, ...]:
    """Return whether somebody or something asks for a retraining: a person, the plan, or the time since the last."""
    if request.trigger is Trigger.PERSON:
        return (Condition(name="asked", met=True, reason=f"{request.by} asks for it."),)
    if model.plan.actions.retrain_at(verdict.state):
        return (
            Condition(
                name="asked", met=True, reason=f"The verdict is {verdict.state}: {verdict.reasons[0]}."
            ),
        )
    every = model.retraining.every_days if model.retraining is not None else None
    first = model.schedule.first_window
    last = evidence.trained_until or model.schedule.between(first, first).start
    if every is not None and run.window.end >= last + timedelta(days=every):
        reason = f"No training for {plural((run.window.end - last).days, 'day')} (retraining.every)."
        return (Condition(name="asked", met=True, reason=reason),)
    reason = f"The plan does not ask for retraining at {verdict.state}."
    return (Condition(name="asked", met=False, reason=reason),)


def _first_time(evidence: RetrainingEvidence, request: Request) -> Iterator[Condition]:
    """Yield whether no version was trained because of the window's verdict before; a person may ask again."""
    if request.trigger is Trigger.VERDICT:
        done = f"The version {evidence.version} was trained for this window before."
        yield Condition(
            name="first_time",
            met=evidence.version is None,
            reason="No version was trained for this window before." if evidence.version is None else done,
        )


def _of_window(
    run: WindowRun, verdict: Verdict, settings: Retraining, evidence: RetrainingEvidence, now: datetime
) -> Iterator[Condition]:
    """Yield the conditions on the window itself: it is no data fault, its labels are there, and it is not old."""
    forbidden = settings.forbidden
    yield Condition(
        name="allowed",
        met=not forbidden,
        reason=f"Retraining is forbidden (retraining.forbidden): {forbidden}."
        if forbidden
        else "It is allowed.",
    )
    yield _no_data_fault(verdict)
    share = evidence.labelled / evidence.rows if evidence.rows else 0.0
    yield Condition(
        name="mature",
        met=bool(evidence.labelled) and share >= settings.label_share,
        reason=(
            f"{percent(share)} of the window's {plural(evidence.rows, 'row')} have a label, and "
            f"{percent(settings.label_share)} are needed (retraining.label_share)."
        ),
    )
    limit = plural(settings.horizon_days, "day")
    recent = (now - run.window.end).days <= settings.horizon_days
    yield Condition(
        name="recent",
        met=recent,
        reason=f"The window ended {'at most' if recent else 'more than'} {limit} ago (retraining.horizon_days).",
    )


def _no_data_fault(verdict: Verdict) -> Condition:
    """Return whether the first cause is something that a model can learn."""
    first = next(iter(verdict.root_causes()), None)
    if first is None and verdict.state >= State.AMBER:
        reason = f"The verdict is {verdict.state}, and its causes are not known: judge the window again."
        return Condition(name="no_data_fault", met=False, reason=reason)
    if first is None:
        return Condition(
            name="no_data_fault", met=True, reason="The verdict has no cause that is AMBER or RED."
        )
    at_fault = _AT_FAULT.get(first.kind)
    return Condition(
        name="no_data_fault",
        met=at_fault is None,
        reason=f"{at_fault or 'The first cause is no fault of the data'}: {first.short}.",
    )


def _of_the_past(
    run: WindowRun, settings: Retraining, evidence: RetrainingEvidence, request: Request
) -> Iterator[Condition]:
    """Yield the conditions on earlier retrainings: new labels, cooldown, none running."""
    own = request.run_id or verdict_run_id(run)
    others = [one for one in evidence.past if one.run_id != own]
    yield Condition(
        name="enough_labels",
        met=evidence.unused >= settings.minimum_labels,
        reason=(
            f"{plural(evidence.unused, 'labelled row')} since the last training, and {settings.minimum_labels:,} are "
            "needed (retraining.minimum_labels)."
        ),
    )
    cooldown = timedelta(days=settings.cooldown_days)
    near = [
        one
        for one in others
        if one.outcome is not Outcome.FAILED and abs(one.start - run.window.start) < cooldown
    ]
    last = max(near, key=lambda one: one.start, default=None)
    yield Condition(
        name="cooldown",
        met=last is None,
        reason=(
            f"No other retraining within {plural(settings.cooldown_days, 'day')}."
            if last is None
            else f"The retraining {last.run_id} is less than {plural(settings.cooldown_days, 'day')} away "
            "(retraining.cooldown_days)."
        ),
    )
    running = [one.run_id for one in others if _is_running(one, settings, request.at)]
    yield Condition(
        name="running",
        met=not running,
        reason=f"The retraining {running[0]} has not ended yet." if running else "No retraining is running.",
    )


def _is_running(one: PastRetraining, settings: Retraining, at: datetime) -> bool:
    """Return whether a retraining may still be at work: it has no outcome, and its time is not over."""
    if one.outcome is not None or one.decided_at is None:
        return False
    hours = settings.hours + (settings.approval_hours if one.asked else 0.0)
    return at < one.decided_at + timedelta(hours=hours)
