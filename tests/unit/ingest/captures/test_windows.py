"""Windows of a time zone, and of an hour: every record is exported in one of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import models
import pytest
from captures import Endpoint, Inference, one
from daywatch.window import Window

Export = Callable[..., Any]

START = datetime(2024, 3, 29, 12, tzinfo=UTC)


@pytest.fixture
def half_hourly(endpoint: Endpoint) -> list[Inference]:
    """An inference every half hour of four days, in which Berlin's clocks are put forward."""
    times = [START + n * timedelta(minutes=30) for n in range(4 * 48)]
    played = [one(f"e{n:03}", at, label=None) for n, at in enumerate(times)]
    endpoint.capture(played)
    return played


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata"])
def test_local_days_share_the_records_out(half_hourly: list[Inference], export: Export, zone: str) -> None:
    place = ZoneInfo(zone)
    for day in ("2024-03-30", "2024-03-31", "2024-04-01"):
        expected = [one.event_id for one in half_hourly if f"{one.at.astimezone(place):%Y-%m-%d}" == day]
        exported = export(Window.of_day(day, place))

        assert exported.column("event_id") == expected, day
        assert exported.quarantine == []
        assert len(expected) == (46 if (zone, day) == ("Europe/Berlin", "2024-03-31") else 48)


def test_an_hour_has_the_records_of_its_times(half_hourly: list[Inference], export: Export) -> None:
    exported = export(Window.parse("2024-03-30T14"))

    expected = [one.event_id for one in half_hourly if f"{one.at:%Y-%m-%dT%H}" == "2024-03-30T14"]
    assert exported.column("event_id") == expected
    assert len(expected) == 2


def test_a_folder_that_alone_dates_its_rows_is_of_the_local_day_that_it_names(
    endpoint: Endpoint, export: Export
) -> None:
    capture = {"source": "table", "prefix": "batch", "partition": "dt=%Y-%m-%d", "id_column": "id"}
    header = "id,amount,items,member,country,prediction,probability\n"
    for day in (30, 31):
        folder = endpoint.folder / f"batch/dt=2024-03-{day}"
        folder.mkdir(parents=True)
        (folder / "rows.csv").write_text(f"{header}e{day},12.5,3,true,DE,1,0.9\n")

    for zone in ("Europe/Berlin", "America/New_York", "Pacific/Auckland"):
        window = Window.of_day("2024-03-31", ZoneInfo(zone))
        assert export(window, model=models.model(capture=capture)).column("event_id") == ["e31"], zone
