"""Building and freezing a baseline."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from captures import day_of
from daywatch.days import DAY
from daywatch.errors import ConfigurationError, SetupError
from daywatch.profiles.profile import Profile
from daywatch.stages.build_baseline import build_baseline
from daywatch.warehouse import result_tables, tables
from daywatch.warehouse.baselines import current_baseline
from daywatch.warehouse.database import transaction
from models import NAME
from places import BASELINE_DAYS, Place, make_baseline
from rows import dump

Make = Callable[..., Place]


def test_a_baseline_is_frozen_under_its_days_and_its_rows(place: Make) -> None:
    here = place()

    baseline_id = make_baseline(here)

    assert baseline_id.startswith("2024-03-01_2024-03-02_")
    files = here.files()
    folder = f"shop/baselines/{baseline_id}"
    assert sorted(files) == [
        f"{folder}/{name}"
        for name in (
            "category_types.json",
            "export.json",
            "findings.json",
            "inferences.parquet",
            "operations.parquet",
            "profile.json",
            "quarantine.parquet",
            "suite.json",
        )
    ]
    profile = Profile.model_validate_json(files[f"{folder}/profile.json"])
    assert (profile.rows, profile.days) == (120, dict.fromkeys(BASELINE_DAYS, 60))
    assert json.loads(files[f"{folder}/suite.json"])["expectations"]
    rows = dump(here.deployment.warehouse_url)
    ((stored),) = rows["baseline"]
    assert (stored["rows"], stored["labelled"], stored["sequence"]) == (120, 120, 1)
    assert {row["column_name"] for row in rows["column_profile"]} >= {"amount", "label", "prediction"}
    assert {row["revision"] for row in rows["column_profile"]} == {baseline_id}
    assert current_baseline(here.deployment.warehouse_url, NAME) == baseline_id


def test_days_that_are_not_over_are_refused(place: Make) -> None:
    today = datetime.now(UTC).date()
    here = place(baseline__last=today.isoformat(), schedule__first_window=(today + DAY).isoformat())

    with pytest.raises(
        SetupError, match=f"'shop' 2024-03-01_{today} is not over, .*: choose days up to {today - DAY}"
    ):
        build_baseline(NAME, here.deployment)

    assert here.files() == {}


def test_building_it_again_changes_nothing(place: Make) -> None:
    here = place()
    first = make_baseline(here)
    files, rows = here.files(), dump(here.deployment.warehouse_url)

    assert build_baseline(NAME, here.deployment) == first

    assert here.files() == files
    assert dump(here.deployment.warehouse_url) == rows


def with_warehouse(here: Place, url: str) -> Place:
    from dataclasses import replace

    return replace(here, deployment=replace(here.deployment, warehouse_url=url))


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def test_new_evidence_is_a_new_baseline_and_the_old_one_can_come_back(
    place: Make, kind: str, request: pytest.FixtureRequest
) -> None:
    here = place()
    if kind == "postgresql":
        here = with_warehouse(here, request.getfixturevalue("postgresql_warehouse"))
    url = here.deployment.warehouse_url
    first = make_baseline(here)
    late = day_of("2024-03-02", rows=61)[-1:]
    here.endpoint.capture(late, name="late")

    second = build_baseline(NAME, here.deployment)
    assert second != first
    assert current_baseline(url, NAME) == second

    for path in Path(here.deployment.data_uri).rglob("late.jsonl"):
        path.unlink()
    assert build_baseline(NAME, here.deployment) == first
    assert current_baseline(url, NAME) == first
    with transaction(url) as connection:
        found = connection.execute(sa.select(tables.baseline.c.baseline_id, tables.baseline.c.sequence)).all()
    assert sorted(row.sequence for row in found) == [2, 3]


def test_too_few_rows(place: Make) -> None:
    here = place()
    here.endpoint.play(day_of(BASELINE_DAYS[0], rows=19))

    with pytest.raises(
        SetupError, match=r"has 19 rows under .*/shop-endpoint/AllTraffic, expected at least 20 \(plan"
    ):
        build_baseline(NAME, here.deployment)

    assert sorted(Path(key).name for key in here.files()) == ["export.json", "quarantine.parquet"]
    assert dump(here.deployment.warehouse_url)["baseline"] == []


def test_too_few_labels(place: Make) -> None:
    here = place()
    here.endpoint.capture(day_of(BASELINE_DAYS[0]))
    here.endpoint.label(day_of(BASELINE_DAYS[0])[:9])

    with pytest.raises(
        SetupError, match=r"has 9 labelled rows, expected at least 10 \(plan.minimum.labels\)"
    ):
        build_baseline(NAME, here.deployment)


def test_a_model_without_labels_needs_none(place: Make) -> None:
    here = place(labels=None, plan__rules=[{"metric": "drifted_share", "red": "> 50 %"}])
    for day in BASELINE_DAYS:
        here.endpoint.capture(day_of(day))

    assert build_baseline(NAME, here.deployment)


def test_no_baseline_says_what_to_do(place: Make) -> None:
    here = place()

    with pytest.raises(
        SetupError, match="has no baseline .* run the DAG baseline__shop or `daywatch baseline --model shop`"
    ):
        current_baseline(here.deployment.warehouse_url, NAME)


def test_an_unknown_model(place: Make) -> None:
    with pytest.raises(ConfigurationError, match="there is no model 'shpo', did you mean 'shop'"):
        build_baseline("shpo", place().deployment)


def test_what_an_older_version_froze_is_profiled_anew(place: Make) -> None:
    here = place()
    baseline_id = make_baseline(here)
    url = here.deployment.warehouse_url
    stored = dump(url)
    with transaction(url) as connection:
        connection.execute(result_tables.column_profile.update().values(sketch=sa.null()))

    assert build_baseline(NAME, here.deployment) == baseline_id

    assert dump(url) == stored
