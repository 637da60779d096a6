"""Which window an Airflow run is about."""

from __future__ import annotations

from airflow.sdk import CronPartitionTimetable, get_current_context
from airflow.sdk.exceptions import AirflowFailException

from daywatch.config.model import MonitoredModel
from daywatch.window import Window

KEY_FORMAT = "%Y-%m-%d"


def daily_timetable(model: MonitoredModel) -> CronPartitionTimetable:
    """Return the timetable whose partition key is the day before the run: the window."""
    return CronPartitionTimetable(model.schedule.cron, timezone="UTC", run_offset=-1, key_format=KEY_FORMAT)


def current_window() -> Window:
    """Return the window of the run that the current task belongs to.

    Scheduled, backfilled and manual runs alike carry it as their partition key; everything Daywatch
    stores is keyed on it and never on the run, for a window may get two runs.

    Raises:
        AirflowFailException: A manual run was started without a day.
    """
    key = get_current_context()["dag_run"].partition_key
    if not key:
        msg = "This run has no partition key: trigger it with the day to judge, such as 2013-02-09."
        raise AirflowFailException(msg)
    try:
        return Window.of_day(key)
    except ValueError as error:
        msg = f"The run's partition key names no window. {error}"
        raise AirflowFailException(msg) from error
