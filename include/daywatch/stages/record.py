"""The stage ``record``: everything about the window, stored in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from daywatch.incidents.store import update_incidents
from daywatch.judge.evidence import read_evidence
from daywatch.profiles.profile import SliceProfiles
from daywatch.run import StageRun, WindowRun
from daywatch.stages.workspace import StageClock, open_workspace
from daywatch.verdicts import Verdict
from daywatch.warehouse import tables
from daywatch.warehouse.database import transaction
from daywatch.warehouse.record import insert_if_new, record_window, window_key
from daywatch.warehouse.window_results import WindowResults

if TYPE_CHECKING:
    import sqlalchemy as sa

    from daywatch.config.deployment.deployment import Deployment


def record(run: WindowRun, stages: Iterable[StageRun], deployment: Deployment) -> StageRun:
    """Store the window's results and what they mean for incidents; the same revision again changes nothing.

    Args:
        run: The window's run.
        stages: Seconds and counts of the stages before.
        deployment: Addresses and connections of storage and warehouse.

    Raises:
        InfrastructureError: The storage or the warehouse did not answer.
    """
    clock = StageClock("record", f"{run.model} {run.window}")
    with open_workspace(run, deployment) as workspace:
        evidence = read_evidence(run, workspace.artifacts, workspace.model)
        slices = workspace.read(SliceProfiles, run.folder.slice_profiles).slices
        results = WindowResults(
            model=workspace.model,
            window=run.window,
            revision=run.revision,
            baseline_id=run.baseline_id,
            artifacts=workspace.artifacts.address(run.folder.prefix),
            counts=evidence.counts,
            metrics=evidence.metrics,
            findings=evidence.findings,
            served=evidence.served,
            expectations=evidence.validation.results,
            profile=evidence.profile,
            slice_profiles=slices,
            profile_drifts=evidence.profile_drifts,
            verdict=workspace.read(Verdict, run.folder.verdict),
            confusion=evidence.measurement.confusion,
            evidence_listing=run.evidence_listing,
            known_until=date.fromisoformat(run.known_until) if run.known_until else None,
        )
    with transaction(deployment.warehouse_url) as connection:
        changed = record_window(connection, results)
        update_incidents(connection, results.model)
        record_stages(connection, run, stages)
    return clock.done("stored" if changed else "this revision is stored already, nothing changed")


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
