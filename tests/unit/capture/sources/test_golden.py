"""The golden case: the same flights through every source give the same rows and the same verdict."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import models
import pytest
from captures import Endpoint, Inference
from daywatch.baseline.build import build_baseline
from daywatch.config.deployment import Deployment
from daywatch.pipeline import run_window
from daywatch.storage import open_storage
from daywatch.window import DAY, Window
from daywatch_demo.flights.data import CATEGORIES, FEATURES, flights_between, utc
from places import Place
from sources import SHAPES, write_files

COLUMNS: dict[str, Callable[[str], Any]] = {name: str if name in CATEGORIES else float for name in FEATURES}
CHANGES: dict[str, Any] = {
    "features": [{"name": n, "type": "category" if n in CATEGORIES else "number"} for n in FEATURES],
    "baseline": {"first": "2013-02-01", "last": "2013-02-01"},
}
RED_DAY = "2013-02-08"


@pytest.fixture(scope="module")
def flights() -> list[Inference]:
    """Some hundred flights of an ordinary day and of the day when the blizzard came, scored by a simple rule."""
    found = []
    for day in (utc(2013, 2, 1), utc(2013, 2, 8)):
        rows = flights_between(day, day + DAY).iloc[::3]
        lines = (
            rows[FEATURES]
            .astype({"hour": float, "distance": float})
            .to_csv(header=False, index=False)
            .splitlines()
        )
        for request, row in zip(lines, rows.to_dict("records"), strict=True):
            delay = row["dep_delay"] if row["dep_delay"] == row["dep_delay"] else 90.0
            probability = round(min(max((delay + 20) / 80, 0.0), 1.0), 6)
            found.append(
                Inference(
                    row["inference_id"],
                    row["inference_time"].to_pydatetime()
                    - timedelta(microseconds=row["inference_time"].microsecond),
                    request,
                    f"{int(probability >= 0.5)},{probability}",
                    str(row["late"]),
                )
            )
    return found


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
    here = place(capture=capture, **CHANGES)
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
