"""Tells Airflow's scheduler from when on the deadline of a run counts."""

from __future__ import annotations

from typing import ClassVar

from airflow.plugins_manager import AirflowPlugin
from daywatch.orchestration.lateness import FirstQueuedAt


class DaywatchLateness(AirflowPlugin):
    """The reference of the deadlines of Daywatch's runs."""

    name = "daywatch_lateness"
    deadline_references: ClassVar[list[type[FirstQueuedAt]]] = [FirstQueuedAt]
