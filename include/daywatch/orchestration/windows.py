"""The window of an Airflow run."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, datetime, timedelta

from airflow.sdk import CronPartitionTimetable, get_current_context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from daywatch.config.deployment.settings import read_settings
from daywatch.config.loading.load import find_model
from daywatch.config.model.model import MonitoredModel
from daywatch.days import DAY
from daywatch.window import Window, WindowUnit

_KEY_FORMATS = {
    WindowUnit.HOUR: "%Y-%m-%dT%H",
    WindowUnit.DAY: "%Y-%m-%d",
    WindowUnit.WEEK: "%G-W%V",
    WindowUnit.MONTH: "%Y-%m",
}
"""The key of the window in which a partition's date is, as ``Window.key`` gives it."""

_EVERY_DAY = "0 6 * * *"

LONGEST_DELAY = timedelta(days=2)
"""A scheduled run that starts so long after its time catches up."""


def window_timetable(model: MonitoredModel) -> CronPartitionTimetable:
    """Return the timetable of a monitor. The partition key of each run is that of the window before it."""
    schedule = model.schedule
    return CronPartitionTimetable(
        schedule.cron,
        timezone=schedule.timezone,
        run_offset=-1,
        key_format=_KEY_FORMATS[schedule.window],
    )


def daily_timetable(model: MonitoredModel) -> CronPartitionTimetable:
    """Return a timetable whose runs have the day before as their partition key, however long a window is."""
    schedule = model.schedule
    cron = schedule.cron if schedule.window is WindowUnit.DAY else _EVERY_DAY
    key_format = _KEY_FORMATS[WindowUnit.DAY]
    return CronPartitionTimetable(cron, timezone=schedule.timezone, run_offset=-1, key_format=key_format)


def first_run(model: MonitoredModel) -> datetime:
    """Return the start of the first day to monitor."""
    first = model.schedule.first_window
    return model.schedule.between(first, first).start


def last_run(model: MonitoredModel) -> datetime | None:
    """Return when the last window is surely judged, None while the model is in use."""
    last = model.schedule.last_window
    if last is None:
        return None
    window = (
        model.schedule.window_named(last.isoformat())
        if model.schedule.window is not WindowUnit.HOUR
        else (model.schedule.between(last, last))
    )
    return window.end + window.days * DAY


def current_window(model_name: str) -> Window:
    """Return the window of the current task's run.

    Scheduled, backfilled and manual runs have it as their partition key. Everything that Daywatch stores is keyed
    on the window and never on the run, because a window may have several runs.

    Args:
        model_name: Name of the model that the run monitors.

    Raises:
        AirflowFailException: The run names no window.
        AirflowSkipException: The window is before ``schedule.first_window`` or after ``last_window``: the first
            run of a schedule is for the one before the first window. Or all its days are in ``schedule.silent``.
    """
    schedule = find_model(model_name, read_settings(os.environ).models).schedule
    window = _named(schedule.window_named)
    if window.first < schedule.first_window or (schedule.last_window and window.last > schedule.last_window):
        msg = f"{window} is outside the model's schedule: see first_window and last_window."
        raise AirflowSkipException(msg)
    if silence := schedule.silence_in(window.first, window.last):
        msg = f"{window} is silent ({silence}): no captures are expected, and nothing is judged or mailed."
        raise AirflowSkipException(msg)
    return window


def named_day() -> date:
    """Return the day that the current run names.

    Raises:
        AirflowFailException: The run names no day: a manual run was started without one.
    """
    return _named(Window.of_day).first


def _named(read: Callable[[str], Window]) -> Window:
    """Return what the current run names.

    Raises:
        AirflowFailException: The run names nothing, or nothing that can be read.
    """
    run = get_current_context()["dag_run"]
    # TriggerDagRunOperator sets no partition key; a run that judges a window again has the window in its conf.
    key = run.partition_key or (run.conf or {}).get("window")
    if not key:
        msg = "This run has no partition key: trigger it with the window to judge as the key, such as 2013-02-09."
        raise AirflowFailException(msg)
    try:
        return read(str(key))
    except ValueError as error:
        msg = f"The partition key of this run cannot be read. {error}"
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
