"""Lets Airflow show the verdict as the note of a run."""

from __future__ import annotations

from typing import ClassVar

from airflow.plugins_manager import AirflowPlugin
from daywatch.orchestration.run_notes import RunNotes


class DaywatchNotes(AirflowPlugin):
    """What listens to runs that end."""

    name = "daywatch_notes"
    listeners: ClassVar[list[object]] = [RunNotes()]
