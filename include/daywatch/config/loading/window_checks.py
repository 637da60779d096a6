"""Errors of the length of a model's windows, and of what does not fit it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice, pairwise

from daywatch.config.base import PlacedError
from daywatch.config.model.capture import PlainTable
from daywatch.config.model.model import MonitoredModel
from daywatch.config.model.schedule import Schedule
from daywatch.results import Against
from daywatch.window import WindowUnit

_FIRES = 26
"""More than the hours of a day, or the months of two years."""


def check_windows(model: MonitoredModel) -> Iterator[PlacedError]:
    """Yield errors of windows that are no days."""
    schedule, unit = model.schedule, model.schedule.window
    if unit is WindowUnit.DAY:
        return
    if unit is WindowUnit.HOUR and schedule.timezone != "UTC":
        yield ("schedule", "timezone"), "hours are hours of UTC: leave out 'timezone'"
    elif not _once_a_window(schedule):
        yield (
            ("schedule", "cron"),
            f"expected a cron expression that fires once in every {unit}, but received {schedule.cron!r}; "
            "without it, the model is judged soon after each window has ended",
        )
    capture = model.capture
    undated = (
        isinstance(capture, PlainTable) and capture.time_column is None and "%H" not in capture.partition
    )
    if unit is WindowUnit.HOUR and undated:
        yield (
            ("capture", "partition"),
            "the folders of a day do not say which rows are of an hour: name 'time_column', or folders with %H",
        )
    for where, rule in model.plan.placed_rules:
        if rule.span not in (None, (1, Against.FROZEN)):
            yield (
                (*where, "over" if rule.over else "against"),
                f"profiles are merged from days, and the windows of this model are no days (schedule.window: {unit})",
            )
        if rule.every is not None and unit is not WindowUnit.HOUR:
            yield (
                (*where, "every"),
                f"expected none: each window is a {unit} already (schedule.window)",
            )


def _once_a_window(schedule: Schedule) -> bool:
    """Return whether a cron expression fires once in each window."""
    from croniter import croniter

    start = datetime(2024, 1, 1, tzinfo=UTC).astimezone(schedule.zone)
    fires = islice(croniter(schedule.cron, start).all_next(datetime), _FIRES)
    windows = [schedule.window_at(one.astimezone(UTC)) for one in fires]
    return all(after.steps_after(before) == 1 for before, after in pairwise(windows))
