"""The golden case: the same flights through every source give the same rows and the same verdict."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import models
import pytest
from captures import Endpoint, Inference
from daywatch.config.deployment.deployment import Deployment
from daywatch.stages.build_baseline import build_baseline
from daywatch.stages.day import run_window
from daywatch.storage import open_storage
from daywatch.window import Window
from daywatch_demo.flights.data import FEATURES, utc
from flight_captures import CHANGES, COLUMNS, flights_of
from places import Place
from sources import SHAPES, write_files

MODEL: dict[str, Any] = {**CHANGES, "baseline": {"first": "2013-02-01", "last": "2013-02-01"}}
RED_DAY = "2013-02-08"


@pytest.fixture(scope="module")
def flights() -> list[Inference]:
    """Flights of an ordinary day and of the day when the blizzard came."""
    return flights_of([utc(2013, 2, 1), utc(2013, 2, 8)])


@pytest.fixture(scope="module")
def seen() -> dict[str, Any]:
    """What the first shape gave, for the others."""
    return {}


def rows_of(deployment: Deployment, key: str) -> list[tuple[Any, ...]]:
    names = ["inference_time", *FEATURES, "prediction", "probability", "label"]
    path = Path(open_storage(deployment.artifacts_uri, deployment).uri) / key
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        query = f"SELECT {', '.join(names)} FROM read_parquet(?) ORDER BY ALL"
        return connection.execute(query, [str(path)]).fetchall()


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_flights_through_every_source(
    place: Callable[..., Place], flights: list[Inference], seen: dict[str, Any], shape: str
) -> None:
    capture, files = SHAPES[shape]
    here = place(capture=capture, **MODEL)
    folder = Path(here.deployment.data_uri)
    write_files(folder, files(flights, str(folder), COLUMNS))
    Endpoint(folder).label(flights)
    build_baseline(models.NAME, here.deployment)

    run, verdict = run_window(models.NAME, Window.of_day(RED_DAY), here.deployment, lambda _: None)

    rows = rows_of(here.deployment, run.folder.inferences)
    expected = sum(one.at.date().isoformat() == RED_DAY for one in flights)
    assert len(rows) == expected > 200
    assert len({row[-1] for row in rows}) == 2
    first = seen.setdefault("rows", rows)
    assert [tuple(map(str, row)) for row in rows] == [tuple(map(str, row)) for row in first]
    assert verdict == seen.setdefault("verdict", verdict)
