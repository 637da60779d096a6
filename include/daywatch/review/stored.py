"""Stored windows, read and judged again by a plan in the order of their days."""

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
from daywatch.review.held import for_plan
from daywatch.stages.judge import verdict_of
from daywatch.storage import open_storage
from daywatch.verdicts import Verdict
from daywatch.warehouse.database import transaction
from daywatch.warehouse.history import judged_runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.model import MonitoredModel
    from daywatch.config.model.plan import Plan
    from daywatch.judge.evidence import Evidence
    from daywatch.results import Metric, State
    from daywatch.run import WindowRun
    from daywatch.storage import Storage
    from daywatch.window import Window

_READERS = 8
"""Windows that are read at the same time: a storage answers slower than they are judged."""

_SPARE = 31
"""Times as many windows are read as outcomes are needed: a rule may be due once a month."""


def judged_again(
    model: MonitoredModel, last: int, deployment: Deployment
) -> Iterator[tuple[StoredWindow, Verdict | None]]:
    """Yield the latest judged windows, oldest first, each with its verdict by the plan of a configuration.

    A window whose results cannot be read has no verdict. Windows before the first one are read and judged too, as far
    as rules depend on them.

    Args:
        model: The model's configuration with the plan.
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
        read = list(pool.map(lambda judged: read_window(judged, artifacts, model), stored))
    verdicts: list[tuple[Window, Verdict]] = []
    for place, one in enumerate(read):
        evidence = _with_history(one, read[:place], verdicts)
        now = None if evidence is None else verdict_of(one.plan, evidence)
        if now is not None:
            verdicts.append((one.run.window, now))
        if one.run.window >= first:
            yield replace(one, evidence=evidence), now


@dataclass(frozen=True)
class StoredWindow:
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


def read_window(
    judged: tuple[WindowRun, State, str], artifacts: Storage, model: MonitoredModel
) -> StoredWindow:
    """Read a window's results; of those that are gone or of another version, only the verdict is known."""
    run, state, short = judged
    plan = model.plan
    try:
        was = Verdict.model_validate_json(artifacts.read(run.folder.verdict))
        with_standard = has_standard(was)
        if plan.is_standard and not with_standard:
            # Without the standard rules, a day is not measured as they need it: other distances, no calibration.
            plan = plan.model_copy(update={"preset": None, "rules": plan.rules or (BY_DEFAULT,)})
        stored = read_evidence(run, artifacts, model.model_copy(update={"plan": plan}))
        return StoredWindow(run, was, plan, stored, for_plan(stored, plan, was_standard=with_standard))
    except (FileNotFoundError, ValidationError) as error:
        why = "are no longer stored" if isinstance(error, FileNotFoundError) else "are of another version"
        was = Verdict(state=state, reasons=(short,), short=short, rules=())
        return StoredWindow(run, was, plan, lost=f"The window's results {why}")


def _with_history(
    one: StoredWindow, earlier: list[StoredWindow], verdicts: list[tuple[Window, Verdict]]
) -> Evidence | None:
    """Return a window's evidence with the history that the windows before it give."""
    if one.evidence is None:
        return None
    plan, window = one.plan, one.run.window
    known = [
        (other.run.window, other.compared)
        for other in earlier
        if other.run.window.end <= window.start and other.run.window.is_like(window)
    ]
    metrics = histories(needed_days(plan.all_rules, window), known)
    outcomes = _outcomes(plan, window, verdicts)
    past = one.evidence.past.model_copy(update={"metrics": metrics, "outcomes": outcomes})
    return replace(one.evidence, past=past)


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


def has_standard(verdict: Verdict) -> bool:
    """Return whether the standard rules are part of a verdict."""
    return any(one.rule.startswith(f"{STANDARD}: ") for one in verdict.rules)
