"""The verdict as the note of Airflow's run: a RED day is a successful run, which the grid shows all green."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow.listeners import hookimpl

from daywatch.results import State
from daywatch.text import visible

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun

_MONITOR = "monitor__"
_OURS = re.compile(rf"^({'|'.join(State)}): ")


class RunNotes:
    """Listens to runs that end, in the scheduler, which finds it through ``plugins/daywatch_notes.py``.

    A task cannot set the note of its run: Airflow's task interface has no message for it, and its REST API would need
    a login with rights on all runs in every task. The verdict is read from the asset event that the run has stored
    in Airflow's own database, in the transaction that ends the run; no other server is asked. An error here is in
    the scheduler's log and leaves the run without a note.
    """

    @hookimpl
    def on_dag_run_success(self, dag_run: DagRun) -> None:
        """Note the verdict of a run that has succeeded."""
        _note(dag_run)

    @hookimpl
    def on_dag_run_failed(self, dag_run: DagRun) -> None:
        """Note the verdict of a run that has failed after its verdict was recorded."""
        _note(dag_run)


def note_text(verdict: Mapping[str, Any], present: str | None) -> str | None:
    """Return the note of a run, None where a person has written one, which stays.

    Args:
        verdict: State, window, revision and reasons of the verdict.
        present: The note that the run has, None for none.
    """
    if present and not _OURS.match(present):
        return None
    return f"{verdict['state']}: {visible(' '.join(verdict['reasons'][:1]))}"


def _note(dag_run: DagRun) -> None:
    if not dag_run.dag_id.startswith(_MONITOR):
        return
    from airflow.models.asset import AssetEvent, AssetModel
    from sqlalchemy import select
    from sqlalchemy.orm import object_session

    from daywatch.orchestration.assets import verdict_asset

    session = object_session(dag_run)
    if session is None:
        return
    # Events have no index on runs, but one on their asset.
    asset = verdict_asset(dag_run.dag_id.removeprefix(_MONITOR))
    query = (
        select(AssetEvent.extra)
        .join(AssetModel, AssetModel.id == AssetEvent.asset_id)
        .where(AssetModel.uri == asset.uri, AssetEvent.source_run_id == dag_run.run_id)
        .order_by(AssetEvent.id.desc())
        .limit(1)
    )
    verdict = session.scalar(query)
    if verdict and (text := note_text(verdict, dag_run.note)) is not None:
        dag_run.note = text
