"""What a model's schedule accepts of Airflow's words, and what it says about others."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import models
import pytest
from pydantic import ValidationError

DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"schedule__timezone": "Europe/Berln"},
            "expected a time zone such as .*, did you mean 'Europe/Berlin'",
        ),
        ({"schedule__timezone": "Pacific/Kiritimati"}, "to less than 14 hours ahead"),
        ({"schedule__window": "quarter"}, "'hour', 'day', 'week' or 'month'"),
        ({"schedule__tasks": "two"}, "'stages' or 'one'"),
        ({"schedule__executor": "Kubernetes Executor"}, "such as 'KubernetesExecutor'"),
        ({"schedule__queue": ""}, "at least 1 character"),
        ({"schedule__pool": "a\nb"}, "without line breaks"),
        ({"schedule__resources": {}}, "expected at least one of cpu, memory and scratch"),
        ({"schedule__resources": {"memory": "2GB"}}, "a size in Mi or Gi, such as '512Mi' or '2Gi'"),
        ({"schedule__resources": {"cpu": 0}}, "greater than or equal to 0.1"),
        ({"schedule__silent": {}}, "expected 'weekends', or at least one day under weekdays or calendar"),
        ({"schedule__silent": {"weekdays": ["sun"]}}, "'sunday'"),
        ({"schedule__silent": {"weekdays": DAYS}}, "with all seven weekdays, the model is never judged"),
    ],
)
def test_what_airflow_could_not_use_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        models.model(**changes)


@pytest.mark.parametrize(
    ("schedule", "cron", "named", "at", "before"),
    [
        ({}, "0 6 * * *", ("2024-03-09", "2024-03-09"), "2024-03-10", "2024-03-09"),
        (
            {"window": "hour"},
            "20 * * * *",
            ("2024-03-09T05", "2024-03-09T05"),
            "2024-03-10T04",
            "2024-03-10T03",
        ),
        ({"window": "week"}, "0 6 * * 1", ("2024-03-09", "2024-W10"), "2024-W10", "2024-W09"),
        ({"window": "month"}, "0 6 1 * *", ("2024-03-09", "2024-03"), "2024-03", "2024-02"),
        ({"timezone": "America/New_York"}, "0 6 * * *", ("2024-03-09",) * 2, "2024-03-09", "2024-03-08"),
    ],
)
def test_a_schedule_names_its_windows(
    schedule: dict[str, str], cron: str, named: tuple[str, str], at: str, before: str
) -> None:
    """The time is 04:30 UTC on 10 March, in New York still the evening before."""
    found = models.model(**{f"schedule__{key}": value for key, value in schedule.items()}).schedule
    now = datetime(2024, 3, 10, 4, 30, tzinfo=UTC)

    assert found.cron == cron
    assert found.window_named(named[0]).key == named[1]
    assert (found.window_at(now).key, found.window_before(now).key) == (at, before)
    with pytest.raises(ValueError, match="Expected an? (hour|day|week|month).* such as"):
        found.window_named("yesterday")


@pytest.mark.parametrize(
    ("silent", "reasons"),
    [
        (None, ["", "", ""]),
        ("weekends", ["", "Saturday", "Sunday"]),
        ({"weekdays": ["friday"]}, ["Friday", "", ""]),
        (
            {"weekdays": ["sunday"], "calendar": ["2024-03-08"]},
            ["a silent day of the calendar", "", "Sunday"],
        ),
    ],
)
def test_a_silent_day_says_why(silent: Any, reasons: list[str]) -> None:
    schedule = models.model(schedule__silent=silent).schedule
    assert [schedule.silence_on(date(2024, 3, day)) for day in (8, 9, 10)] == reasons
