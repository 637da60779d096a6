"""Which window an Airflow run is about."""

from __future__ import annotations

import os
from datetime import datetime

from airflow.sdk import CronPartitionTimetable, get_current_context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from daywatch.config.deployment.settings import read_settings
from daywatch.config.loading.load import find_model
from daywatch.config.model.model import MonitoredModel
from daywatch.window import DAY, Window

KEY_FORMAT = "%Y-%m-%d"


def daily_timetable(model: MonitoredModel) -> CronPartitionTimetable:
    """Return the timetable whose partition key is the day before the run: the window."""
    return CronPartitionTimetable(model.schedule.cron, timezone="UTC", run_offset=-1, key_format=KEY_FORMAT)


def last_run(model: MonitoredModel) -> datetime | None:
    """Return the end of the day on which the last window is judged, None while the model serves."""
    last = model.schedule.last_window
    return Window.of_day(last).end + DAY if last else None


def current_window(model_name: str) -> Window:
    """Return the window of the run that the current task belongs to.

    Scheduled, backfilled and manual runs alike carry it as their partition key; everything Daywatch
    stores is keyed on it and never on the run, for a window may get two runs.

    Raises:
        AirflowFailException: The run names no day.
        AirflowSkipException: The day lies outside ``schedule.first_window`` and ``last_window``; a schedule's
            first run would judge the day before the first.
    """
    window = named_window()
    schedule = find_model(model_name, read_settings(os.environ).models).schedule
    if window.first < schedule.first_window or (schedule.last_window and window.last > schedule.last_window):
        msg = f"{window} lies outside the model's schedule: see first_window and last_window."
        raise AirflowSkipException(msg)
    return window


def named_window() -> Window:
    """Return the window that the current run names, inside the model's schedule or not.

    Raises:
        AirflowFailException: A manual run was started without a day.
    """
    run = get_current_context()["dag_run"]
    # TriggerDagRunOperator gives no partition key; a run that judges a window again has it in its conf.
    key = run.partition_key or (run.conf or {}).get("window")
    if not key:
        msg = "This run has no partition key: trigger it with the day to judge, such as 2013-02-09."
        raise AirflowFailException(msg)
    try:
        return Window.of_day(str(key))
    except ValueError as error:
        msg = f"The run's partition key names no window. {error}"
        raise AirflowFailException(msg) from error
