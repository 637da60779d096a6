"""Stored windows judged again by another plan: what history holds is judged, what it lacks is GREY. Writes nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from pydantic import ValidationError

from daywatch.config.model.plan import STANDARD
from daywatch.errors import SetupError
from daywatch.judge.evidence import read_evidence
from daywatch.judge.faults import BY_DEFAULT
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
    from daywatch.run import WindowRun
    from daywatch.storage import Storage

_READERS = 8
"""Windows that are read at the same time: a storage answers slower than they are judged."""

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
    artifacts = open_storage(deployment.artifacts_uri, deployment)
    with ThreadPoolExecutor(_READERS) as pool:
        windows = pool.map(lambda judged: _again(judged, artifacts, model), runs)
        return Replay(model=model.model, windows=tuple(windows))


def _again(judged: tuple[WindowRun, State, str], artifacts: Storage, model: MonitoredModel) -> ReplayedWindow:
    run, state, short = judged
    try:
        was = Verdict.model_validate_json(artifacts.read(run.folder.verdict))
        return _judged_again(run, was, artifacts, model)
    except (FileNotFoundError, ValidationError) as error:
        why = "are no longer stored" if isinstance(error, FileNotFoundError) else "are of another version"
        reason = f"The window's results {why}"
        was = Verdict(state=state, reasons=(short,), short=short, rules=())
        now = Verdict(state=State.GREY, reasons=(reason,), short=reason, rules=())
        return _window(run, was, now, ("the window's results",))


def _judged_again(run: WindowRun, was: Verdict, artifacts: Storage, model: MonitoredModel) -> ReplayedWindow:
    has_standard = any(one.rule.startswith(f"{STANDARD}: ") for one in was.rules)
    plan = model.plan
    if plan.is_standard and not has_standard:
        # Without the standard rules, a day is not measured as they need it: other distances, no calibration.
        plan = plan.model_copy(update={"preset": None, "rules": plan.rules or (BY_DEFAULT,)})
    stored = read_evidence(run, artifacts, model.model_copy(update={"plan": plan}))
    evidence = for_plan(stored, plan, was_standard=has_standard)
    now = verdict_of(plan, evidence)
    lacking = [
        rule.target
        for rule, outcome in zip(plan.rules, now.rules, strict=False)
        if outcome.state is State.GREY and not is_held(rule, evidence)
    ]
    lacking += lost_baselines(stored, evidence)
    if model.plan.is_standard and not has_standard:
        now = _with_standard_unknown(now)
        lacking.append(STANDARD_RULES)
    return _window(run, was, now, tuple(lacking))


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
