"""When a run is late: so many minutes after Airflow first queued it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from airflow.sdk.definitions.deadline import BaseDeadlineReference

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class FirstQueuedAt(BaseDeadlineReference):
    """The time at which a run was queued for the first time; clearing the run does not change it.

    Airflow's own ``DAGRUN_QUEUED_AT`` moves the deadline when a run is cleared. In Airflow 3.3 that fails with a
    ``TypeError``, so that such a run cannot be cleared before its deadline has passed (apache/airflow#70368).
    The scheduler finds this class through ``plugins/daywatch_lateness.py``.
    """

    required_kwargs: ClassVar[set[str]] = {"dag_id", "run_id"}

    def _evaluate_with(self, *, session: Session, dag_id: str, run_id: str) -> datetime | None:
        """Return when the run was queued. Airflow calls this in the scheduler, once, when it creates the run."""
        from airflow.models import DagRun
        from sqlalchemy import select

        queued: datetime | None = session.scalar(
            select(DagRun.queued_at).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)
        )
        return queued
