"""The section ``schedule``: when Airflow judges a model, and where and in how many tasks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, model_validator

from daywatch.config.base import Frozen, nearest, one_line, shaped
from daywatch.days import EAST, WEST
from daywatch.window import EXAMPLES, Window, WindowUnit


class DayTasks(StrEnum):
    """How many tasks of Airflow a model-day is."""

    STAGES = "stages"
    ONE = "one"


def _fires(cron: str) -> str:
    """Check a cron expression as Airflow reads it."""
    from croniter import CroniterError, croniter

    example = "such as '0 6 * * *' for six in the morning"
    if len(cron.split()) != 5:
        msg = f"expected five fields (minute, hour, day, month, weekday), {example}, but received {cron!r}"
        raise ValueError(msg)
    try:
        croniter(cron, datetime(2024, 1, 1, tzinfo=UTC)).get_next(datetime)
    except CroniterError as error:
        msg = f"expected a cron expression that fires, {example}, but received {cron!r}: {error}"
        raise ValueError(msg) from None
    return cron


_CRONS = {
    WindowUnit.HOUR: "20 * * * *",
    WindowUnit.DAY: "0 6 * * *",
    WindowUnit.WEEK: "0 6 * * 1",
    WindowUnit.MONTH: "0 6 1 * *",
}
"""When windows are judged: soon after they have ended."""


def _has_days(zone: str) -> str:
    """Check that a time zone exists, and that its days can be recognised by their starts (``daywatch.window``)."""
    known = available_timezones()
    if zone not in known:
        msg = f"expected a time zone such as 'Europe/Berlin', but received {zone!r}{nearest(zone, known)}"
        raise ValueError(msg)
    year = [
        datetime(2024, month, 1, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset() for month in range(1, 13)
    ]
    if not all(offset is not None and WEST <= offset < EAST for offset in year):
        msg = f"expected a time zone from 10 hours behind UTC to less than 14 hours ahead, but received {zone!r}"
        raise ValueError(msg)
    return zone


Bytes = Annotated[str, shaped(r"[1-9][0-9]{0,5}(Mi|Gi)", "a size in Mi or Gi, such as '512Mi' or '2Gi'")]


class Resources(Frozen):
    """What a task's container gets on Kubernetes; requested and the limit at the same time.

    Attributes:
        cpu: Processors.
        memory: Memory.
        scratch: Space on the node's disk, for the task's files.
    """

    cpu: float | None = Field(default=None, ge=0.1, le=256)
    memory: Bytes | None = None
    scratch: Bytes | None = None

    @model_validator(mode="after")
    def _any(self) -> Resources:
        if self.cpu is None and self.memory is None and self.scratch is None:
            msg = "expected at least one of cpu, memory and scratch"
            raise ValueError(msg)
        return self


class Weekday(StrEnum):
    """A day of the week, in the order of ``date.weekday``."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


_WEEKENDS = "weekends"


class Silent(Frozen):
    """Days on which nobody expects captures; ``weekends`` stands for Saturdays and Sundays.

    Attributes:
        weekdays: The days of the week.
        calendar: Days by their dates; in YAML, also the name of a calendar file.
    """

    weekdays: tuple[Weekday, ...] = ()
    calendar: tuple[date, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _weekends(cls, data: Any) -> Any:
        return {"weekdays": [Weekday.SATURDAY, Weekday.SUNDAY]} if data == _WEEKENDS else data

    @model_validator(mode="after")
    def _some(self) -> Silent:
        if not self.weekdays and not self.calendar:
            msg = "expected 'weekends', or at least one day under weekdays or calendar"
            raise ValueError(msg)
        if len(set(self.weekdays)) == len(Weekday):
            msg = "with all seven weekdays, the model is never judged"
            raise ValueError(msg)
        return self


class Schedule(Frozen):
    """When the monitor runs, and how Airflow runs the tasks of all the model's DAGs.

    Attributes:
        window: How long a window is.
        timezone: The time zone of days, weeks and months, and of the cron expression.
        cron: When the window before is judged, as a cron expression.
        first_window: The first day that is monitored.
        last_window: The last day that is monitored; None while the model is in use.
        silent: Days that are neither judged nor mailed, because no captures are expected; None if there are none.
        catchup: Whether Airflow runs missed days automatically.
        max_active_runs: How many windows of this model may run at once.
        deadline_minutes: Minutes that a run may take before a mail reports that the day is late.
        tasks: Whether each stage of a day is a task, or the day is one.
        executor: Name or alias of one of Airflow's executors; None for the first of ``[core] executor``.
        queue: Queue of the tasks; None for Airflow's default.
        pool: Pool of the tasks; None for Airflow's default.
        resources: What a task's container gets on Kubernetes; None for what the pod template says.
    """

    window: WindowUnit = WindowUnit.DAY
    timezone: Annotated[str, AfterValidator(_has_days)] = "UTC"
    cron: Annotated[str, AfterValidator(_fires)] = _CRONS[WindowUnit.DAY]
    first_window: date
    last_window: date | None = None
    silent: Silent | None = None
    catchup: bool = False
    max_active_runs: int = Field(default=1, ge=1, le=32)
    deadline_minutes: int = Field(default=120, ge=1, le=43_200)
    tasks: DayTasks = DayTasks.STAGES
    executor: (
        Annotated[
            str, shaped(r"[A-Za-z_][\w.]{0,999}", "an executor's name or alias, such as 'KubernetesExecutor'")
        ]
        | None
    ) = None
    # The lengths are those of Airflow's table task_instance.
    queue: Annotated[str, Field(min_length=1, max_length=256), AfterValidator(one_line)] | None = None
    pool: Annotated[str, Field(min_length=1, max_length=256), AfterValidator(one_line)] | None = None
    resources: Resources | None = None

    @model_validator(mode="before")
    @classmethod
    def _judged_after_each(cls, given: Any) -> Any:
        """Judge windows that are no days soon after they have ended, too, where no cron expression says when."""
        if isinstance(given, dict) and given.get("window") in _CRONS:
            return {"cron": _CRONS[given["window"]]} | given
        return given

    def silence_on(self, day: date) -> str:
        """Return why a day is not judged, such as ``Saturday``; empty for a day that is.

        Args:
            day: The day.
        """
        if self.silent is None:
            return ""
        if day in self.silent.calendar:
            return "a silent day of the calendar"
        weekday = list(Weekday)[day.weekday()]
        return weekday.value.capitalize() if weekday in self.silent.weekdays else ""

    def silence_in(self, first: date, last: date) -> str:
        """Return why a window is not judged; empty for one that has a day on which the model is not silent.

        Args:
            first: The window's first day.
            last: The window's last day.
        """
        days = (self.silence_on(first + timedelta(days=n)) for n in range((last - first).days + 1))
        reasons = dict.fromkeys(days)
        return "" if "" in reasons else " and ".join(filter(None, reasons))

    def is_over(self, at: datetime) -> bool:
        """Return whether the last window has ended at a time: the model is replayed from history.

        Args:
            at: A time in UTC.
        """
        return self.last_window is not None and self.last_window < at.astimezone(self.zone).date()

    @property
    def zone(self) -> tzinfo:
        """The time zone of the windows."""
        return UTC if self.timezone == "UTC" else ZoneInfo(self.timezone)

    def between(self, first: date | str, last: date | str) -> Window:
        """Return the window from the first day to the last, both included, in the model's time zone.

        Args:
            first: First day, a date or its ISO form.
            last: Last day, a date or its ISO form.

        Raises:
            ValueError: A text is not an ISO date, or the last day is before the first.
        """
        return Window.between(first, last, self.zone)

    def window_named(self, text: str) -> Window:
        """Return one of the model's windows.

        Args:
            text: Its key. For a week or a month, also a day in it.

        Raises:
            ValueError: The text names no window of the model's length.
        """
        try:
            named = Window.parse(text, self.zone)
        except ValueError:
            named = None
        if named is not None and named.unit is WindowUnit.DAY and self.window is not WindowUnit.HOUR:
            return Window.containing(named.first, self.window, self.zone)
        if named is None or named.unit is not self.window:
            msg = f"Expected {EXAMPLES[self.window]}, but received {text!r}."
            raise ValueError(msg)
        return named

    def window_at(self, at: datetime) -> Window:
        """Return the model's window that contains a time.

        Args:
            at: A time in UTC.
        """
        if self.window is WindowUnit.HOUR:
            return Window.of_hour(at.replace(minute=0, second=0, microsecond=0))
        return Window.containing(at.astimezone(self.zone).date(), self.window, self.zone)

    def window_before(self, at: datetime) -> Window:
        """Return the model's latest window that is over at a time.

        Args:
            at: A time in UTC.
        """
        return self.window_at(self.window_at(at).start - timedelta(microseconds=1))
