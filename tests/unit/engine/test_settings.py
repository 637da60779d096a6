"""What DuckDB may take, and where its scratch folders are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from captures import Endpoint, day_of
from daywatch.engine import settings
from daywatch.engine.settings import EngineSettings, scratch_folder, settings_in_force
from daywatch.errors import SetupError
from daywatch.stages.export import export
from daywatch.stages.validate import validate
from daywatch.warehouse.migrate import upgrade
from daywatch.window import Window
from models import NAME
from places import Place, make_baseline, make_place


@pytest.mark.parametrize(
    ("machine", "memory"),
    [(24 << 30, 1_000_000_000), (1_500_000_000, 500_000_000), (100_000_000, 64_000_000)],
)
def test_a_small_machine_gives_a_third(machine: int, memory: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "memory_of_machine", lambda: machine)
    assert EngineSettings().memory == memory


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(SetupError, match="Could not make a scratch folder: .* Set DAYWATCH_SCRATCH"),
        scratch_folder(EngineSettings(folder=tmp_path / "file" / "below")),
    ):
        pass
    assert settings_in_force() == EngineSettings()


def test_they_change_no_result(tmp_path: Path) -> None:
    """The same day on one thread and on four, in little memory and in more: the same revision, the same bytes."""
    found = []
    data = make_place(tmp_path / "1").deployment.data_uri
    for threads in (1, 4):
        place = make_place(tmp_path / str(threads))
        engine = EngineSettings(memory=100_000_000 * threads, threads=threads)
        deployment = replace(place.deployment, data_uri=data, engine=engine)
        upgrade(deployment.warehouse_url)
        place = Place(deployment, Endpoint(Path(data)))
        make_baseline(place)
        place.endpoint.play(day_of("2024-03-03"))
        run, _ = export(NAME, Window.of_day("2024-03-03"), deployment)
        validate(run, deployment)
        found.append((run.revision, place.files()))
    assert len(found[0][1]) > 8
    assert found[0] == found[1]
