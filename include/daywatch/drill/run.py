"""The drill of one day: each fault in a copy of it, judged as the day was; nothing of it is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from daywatch.config.loading.load import find_model
from daywatch.drill.column_faults import column_faults
from daywatch.drill.day_copy import DayCopies
from daywatch.drill.output_faults import output_faults
from daywatch.drill.result import DrilledFault, DrillResult
from daywatch.drill.traffic_faults import traffic_faults
from daywatch.engine.settings import scratch_folder
from daywatch.errors import SetupError
from daywatch.measure.service.past_windows import PastWindows
from daywatch.profiles.profile import Profile
from daywatch.results import State
from daywatch.stages.judge import judge_by_history
from daywatch.stages.measure import measure
from daywatch.stages.stored_run import stored_run
from daywatch.stages.validate import validate
from daywatch.storage import open_storage
from daywatch.verdicts import Verdict
from daywatch.warehouse.database import transaction

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.model import MonitoredModel
    from daywatch.drill.fault import Fault
    from daywatch.run import WindowRun
    from daywatch.storage import Storage
    from daywatch.window import Window

Said = Callable[[str], None]

RESAMPLES = 10
"""Copies of the day without a fault, whose rows are sampled from it with replacement."""


def drill(
    model_name: str,
    window: Window,
    deployment: Deployment,
    resamples: int = RESAMPLES,
    names: Sequence[str] = (),
    said: Said = lambda _: None,
) -> DrillResult:
    """Inject each fault of the catalogue into a copy of a judged day, and judge it.

    Args:
        model_name: Name of the model.
        window: The day.
        deployment: Addresses and connections of storage and warehouse.
        resamples: Number of copies without a fault.
        names: Only faults whose names contain one of these; all if there are none.
        said: Is given the name of each copy before it is judged.

    Raises:
        SetupError: The day was not judged, its results are no longer stored, or it has no rows.
        InfrastructureError: The storage or the warehouse did not answer.
    """
    model = find_model(model_name, deployment.models)
    run = stored_run(model_name, window, deployment)
    artifacts = open_storage(deployment.artifacts_uri, deployment)
    with scratch_folder(deployment.engine) as folder:
        try:
            past = PastWindows.model_validate_json(artifacts.read(run.folder.history))
            faults = [
                one
                for one in _catalogue(model, run, past, artifacts)
                if not names or any(name in one.name for name in names)
            ]
            untouched = Verdict.model_validate_json(artifacts.read(run.folder.verdict))
            copies = DayCopies(run, deployment, folder)
        except FileNotFoundError as error:
            msg = (
                f"The results of {model_name!r} {window} are no longer stored: run `daywatch run --model {model_name} "
                f"--window {window}`, or choose another day."
            )
            raise SetupError(msg) from error
        if not copies.counts.rows:
            msg = f"{model_name!r} {window} has no rows: choose a day that has some."
            raise SetupError(msg)
        drilled = []
        for number, fault in enumerate(faults):
            said(fault.name)
            verdict = _judged(copies.with_fault(fault, f"fault{number}"), past, copies.deployment)
            drilled.append(_compared(fault, verdict, untouched))
        alarms = []
        for seed in range(resamples):
            said(f"resample {seed + 1} of {resamples}")
            verdict = _judged(copies.resampled(seed, f"resample{seed}"), past, copies.deployment)
            if verdict.state >= State.AMBER and verdict.state > untouched.state:
                alarms.append(verdict.reasons[0])
    return DrillResult(
        model=model_name,
        window=window.key,
        revision=run.revision,
        baseline_id=run.baseline_id,
        state=untouched.state,
        faults=tuple(drilled),
        resamples=resamples,
        false_alarms=tuple(alarms),
    )


def _catalogue(
    model: MonitoredModel, run: WindowRun, past: PastWindows, artifacts: Storage
) -> Iterator[Fault]:
    profile = Profile.model_validate_json(artifacts.read(run.folder.profile))
    label = profile.column("label")
    yield from column_faults(model, profile)
    for fault in output_faults(model, profile):
        if not fault.needs_labels or (label is not None and label.count >= model.plan.minimum.labels):
            yield fault
    yield from traffic_faults(past.served, has_latency=model.capture.source == "transaction_records")


def _judged(run: WindowRun, past: PastWindows, deployment: Deployment) -> Verdict:
    """Judge a copy of the day by the day's own history."""
    for stage in (validate, measure):
        stage(run, deployment)
    artifacts = open_storage(deployment.artifacts_uri, deployment)
    model = find_model(run.model, deployment.models)
    with transaction(deployment.warehouse_url) as connection:
        return judge_by_history(connection, run, model, past, artifacts)[1]


def _compared(fault: Fault, verdict: Verdict, untouched: Verdict) -> DrilledFault:
    known = {(one.fingerprint, one.state) for one in untouched.causes}
    bad = [one for one in verdict.causes if one.state >= State.AMBER]
    found = any((one.fingerprint, one.state) not in known for one in bad)
    first = bad[0] if bad else None
    return DrilledFault(
        fault=fault.name,
        state=verdict.state,
        found=found,
        named=found and first is not None and fault.is_blamed(first),
        needs_labels=fault.needs_labels,
        kind=str(first.kind) if first else "",
        blamed=verdict.reasons[0] if first else "",
    )
