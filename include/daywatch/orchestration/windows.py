"""The window of an Airflow run."""

from __future__ import annotations

import os
from datetime import datetime, timedelta

from airflow.sdk import CronPartitionTimetable, get_current_context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from daywatch.config.deployment.settings import read_settings
from daywatch.config.loading.load import find_model
from daywatch.config.model.model import MonitoredModel
from daywatch.window import DAY, Window

KEY_FORMAT = "%Y-%m-%d"

LONGEST_DELAY = timedelta(days=2)
"""A scheduled run that starts so long after its time catches up."""


def daily_timetable(model: MonitoredModel) -> CronPartitionTimetable:
    """Return the timetable of a monitor. The partition key of each run is the day before it: the window."""
    return CronPartitionTimetable(model.schedule.cron, timezone="UTC", run_offset=-1, key_format=KEY_FORMAT)


def last_run(model: MonitoredModel) -> datetime | None:
    """Return the end of the day on which the last window is judged, None while the model is in use."""
    last = model.schedule.last_window
    return Window.of_day(last).end + DAY if last else None


def current_window(model_name: str) -> Window:
    """Return the window of the current task's run.

    Scheduled, backfilled and manual runs have it as their partition key. Everything that Daywatch stores is keyed
    on the window and never on the run, because a window may have several runs.

    Args:
        model_name: Name of the model that the run monitors.

    Raises:
        AirflowFailException: The run names no day.
        AirflowSkipException: The day is before ``schedule.first_window`` or after ``last_window``: the first
            run of a schedule is for the day before the first window.
    """
    window = named_window()
    schedule = find_model(model_name, read_settings(os.environ).models).schedule
    if window.first < schedule.first_window or (schedule.last_window and window.last > schedule.last_window):
        msg = f"{window} is outside the model's schedule: see first_window and last_window."
        raise AirflowSkipException(msg)
    return window


def named_window() -> Window:
    """Return the window that the current run names, inside the model's schedule or not.

    Raises:
        AirflowFailException: The run names no day: a manual run was started without one.
    """
    run = get_current_context()["dag_run"]
    # TriggerDagRunOperator sets no partition key; a run that judges a window again has the window in its conf.
    key = run.partition_key or (run.conf or {}).get("window")
    if not key:
        msg = (
            "This run has no partition key: trigger it with the day to judge as the key, such as 2013-02-09."
        )
        raise AirflowFailException(msg)
    try:
        return Window.of_day(str(key))
    except ValueError as error:
        msg = f"The partition key of this run is not a day. {error}"
        raise AirflowFailException(msg) from error


def is_of_backfill() -> bool:
    """Return whether the current run judges a past as a whole: a backfill, or a schedule that catches up.

    A run that somebody starts for one day is none, however long ago that day is.
    """
    context = get_current_context()
    run = context["dag_run"]
    if run.run_type == "backfill":
        return True
    late = run.run_type == "scheduled" and context["ti"].start_date - run.run_after > LONGEST_DELAY
    return bool(late)


def is_of_past(model_name: str) -> bool:
    """Return whether the current run is one of a backfill of a model that is not replayed from history.

    Args:
        model_name: Name of the model.
    """
    schedule = find_model(model_name, read_settings(os.environ).models).schedule
    return is_of_backfill() and not schedule.is_over(get_current_context()["ti"].start_date)
