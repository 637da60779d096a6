"""The stage ``record``: everything about the window, stored in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING

from daywatch.formatting import plural
from daywatch.incidents.store import update_incidents
from daywatch.ingest.export_counts import read_counts
from daywatch.judge.evidence import read_evidence
from daywatch.measure.service.past_windows import PastWindows
from daywatch.profiles.profile import SliceProfiles
from daywatch.run import StageRun, WindowRun
from daywatch.stages.history import history_of
from daywatch.stages.judge import judge_by_history
from daywatch.stages.later_windows import judge_later_windows, judgement_of
from daywatch.stages.report import report
from daywatch.stages.workspace import StageClock, open_workspace
from daywatch.verdicts import Verdict
from daywatch.warehouse import tables
from daywatch.warehouse.database import transaction
from daywatch.warehouse.later_windows import reports_due
from daywatch.warehouse.record import insert_if_new, record_model, record_window, window_key
from daywatch.warehouse.window_results import WindowResults

if TYPE_CHECKING:
    import sqlalchemy as sa

    from daywatch.config.deployment.deployment import Deployment
    from daywatch.stages.workspace import Workspace


def record(run: WindowRun, stages: Iterable[StageRun], deployment: Deployment) -> StageRun:
    """Store the window's results and what they mean for later windows and for incidents.

    The same revision again changes nothing.

    Args:
        run: The window's run.
        stages: Seconds and counts of the stages before.
        deployment: Addresses and connections of storage and warehouse.

    Raises:
        InfrastructureError: The storage or the warehouse did not answer.
    """
    clock = StageClock("record", f"{run.model} {run.window}")
    with (
        open_workspace(run, deployment) as workspace,
        transaction(deployment.warehouse_url) as connection,
    ):
        record_model(connection, workspace.model)
        changed = record_window(connection, _results(connection, workspace))
        again = judge_later_windows(connection, workspace.model, run.window, workspace.artifacts)
        update_incidents(connection, workspace.model)
        record_stages(connection, run, stages)
        due = reports_due(connection, run.model)
    for later in due:
        report(later, deployment)
    stored = "stored" if changed else "this revision is stored already, nothing changed"
    judged = f"; {plural(again, 'later window')} judged again, {len(due)} reported again" if again else ""
    return clock.done(f"{stored}{judged}", judged_again=again)


def _results(connection: sa.Connection, workspace: Workspace) -> WindowResults:
    """Return all results of the window, judged by the windows before it as they are stored now.

    No other window of the model is recorded meanwhile: the transaction holds the model's row.
    """
    run, model, artifacts = workspace.run, workspace.model, workspace.artifacts
    counts = read_counts(artifacts, run.folder.export)
    past = history_of(connection, model, run.window, counts.labelled, counts.rows)
    if past == workspace.read(PastWindows, run.folder.history):
        evidence = read_evidence(run, artifacts, model)
        verdict = workspace.read(Verdict, run.folder.verdict)
    else:
        evidence, verdict = judge_by_history(connection, run, model, past, artifacts)
    judgement = judgement_of(evidence, verdict, past, model)
    return WindowResults(
        **{field.name: getattr(judgement, field.name) for field in fields(judgement)},
        model=model,
        window=run.window,
        revision=run.revision,
        baseline_id=run.baseline_id,
        artifacts=artifacts.address(run.folder.prefix),
        counts=counts,
        served=evidence.served,
        expectations=evidence.validation.results,
        profile=evidence.profile,
        slice_profiles=workspace.read(SliceProfiles, run.folder.slice_profiles).slices,
        confusion=evidence.measurement.confusion,
        evidence_listing=run.evidence_listing,
        known_until=date.fromisoformat(run.known_until) if run.known_until else None,
    )


def record_stages(connection: sa.Connection, run: WindowRun, stages: Iterable[StageRun]) -> None:
    """Store how long stages took and what they counted; of reruns at the same revision the first counts.

    Args:
        connection: Connection to the warehouse, inside a transaction.
        run: The window's run.
        stages: Seconds and counts of the stages.
    """
    key = window_key(run.model, run.window, run.revision)
    for stage in stages:
        row = {"stage": stage.stage, "seconds": stage.seconds, "counts": stage.counts}
        insert_if_new(connection, tables.stage_run, {**key, **row})
