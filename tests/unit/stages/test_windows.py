"""Windows that are no days of UTC, from the YAML to verdict and history."""

from __future__ import annotations

from pathlib import Path

import pytest
from captures import day_of
from daywatch.config.loading.load import find_model
from daywatch.stages.day import run_window
from daywatch.warehouse.database import transaction
from daywatch.warehouse.history import judged_run, judged_windows
from daywatch.warehouse.migrate import upgrade
from daywatch.warehouse.reading.revisions import recorded_window
from daywatch.window import Window
from models import NAME, write_model
from places import Place, make_baseline, make_place


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A place with a baseline, and captures of a week."""
    place = make_place(tmp_path_factory.mktemp("place"))
    upgrade(place.deployment.warehouse_url)
    make_baseline(place)
    for day in range(4, 12):
        place.endpoint.play(day_of(f"2024-03-{day:02}", rows=48))
    return place


@pytest.mark.parametrize(
    ("schedule", "windows", "rows"),
    [
        ({"timezone": "America/New_York"}, ["2024-03-10"], [46]),
        ({"window": "hour"}, ["2024-03-09T04"], [2]),
        ({"window": "week", "timezone": "Europe/Berlin"}, ["2024-W10"], [7 * 48 - 2]),
        ({"window": "month"}, ["2024-03"], [2 * 60 + 8 * 48]),
    ],
    ids=["local days", "hours", "weeks", "months"],
)
def test_windows_are_judged_and_found_again(
    place: Place, schedule: dict[str, str], windows: list[str], rows: list[int]
) -> None:
    """On 10 March, clocks are put forward in New York; Berlin's week ends at 23:00 UTC."""
    deployment = place.deployment
    write_model(deployment.models, **{f"schedule__{key}": value for key, value in schedule.items()})
    model = find_model(NAME, deployment.models)
    for key, count in zip(windows, rows, strict=True):
        window = model.schedule.window_named(key)
        run, _ = run_window(NAME, window, deployment, lambda _: None)

        assert (run.window, run.window.key) == (window, key)
        assert Path(deployment.artifacts_uri, run.folder.verdict).is_file()
        with transaction(deployment.warehouse_url) as connection:
            assert judged_run(connection, NAME, window) == run.model_copy(
                update={"evidence_listing": "", "known_until": ""}
            )
            assert {one.window: one.rows for one in judged_windows(connection, NAME)}[key] == count
            assert recorded_window(connection, NAME, Window.parse(key)) == window
