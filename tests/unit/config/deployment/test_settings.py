"""The variables of a deployment: what they accept, and what an error says."""

from __future__ import annotations

from pathlib import Path

import pytest
from daywatch.config.deployment.connections import no_connections
from daywatch.config.deployment.deployment import deployment_from
from daywatch.config.deployment.settings import read_settings
from daywatch.engine.settings import EngineSettings
from daywatch.errors import SetupError


@pytest.mark.parametrize(
    ("size", "count"),
    [("2GB", 2_000_000_000), ("512MiB", 512 << 20), ("1.5 gb", 1_500_000_000), ("1TiB", 1 << 40)],
)
def test_sizes(size: str, count: int) -> None:
    assert read_settings({"DAYWATCH_ENGINE_MEMORY": size}).engine.memory == count


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DAYWATCH_ENGINE_MEMORY", "2 gigs", "expected a size such as 2GB or 512MiB, at least 64MB"),
        ("DAYWATCH_ENGINE_MEMORY", "80%", "expected a size"),
        ("DAYWATCH_ENGINE_MEMORY", "2GB, or more", "expected a size"),
        ("DAYWATCH_ENGINE_MEMORY", "-2GB", "expected a size"),
        ("DAYWATCH_ENGINE_MEMORY", "1MB", "at least 64MB"),
        ("DAYWATCH_ENGINE_THREADS", "0", "expected a whole number from 1 to 9999, such as 4"),
        ("DAYWATCH_ENGINE_THREADS", "10000", "expected a whole number from 1 to 9999"),
        ("DAYWATCH_ENGINE_THREADS", "two", "expected a whole number from 1 to 9999"),
    ],
)
def test_an_error_is_one_sentence(name: str, value: str, says: str) -> None:
    with pytest.raises(SetupError, match=f"^{name} is '{value}', .*{says}.*[.]$") as caught:
        deployment_from({name: value}, no_connections)

    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_all_errors_at_once() -> None:
    wrong = {"DAYWATCH_ENGINE_MEMORY": "much", "DAYWATCH_ENGINE_THREADS": "many"}

    with pytest.raises(
        SetupError, match=r"DAYWATCH_ENGINE_MEMORY is 'much'.* DAYWATCH_ENGINE_THREADS is 'many'"
    ):
        read_settings(wrong)


def test_an_empty_variable_is_not_set() -> None:
    names = (
        "DATA_URI",
        "ARTIFACTS_URI",
        "AIRFLOW_URL",
        "MODELS",
        "SUITES",
        "ENGINE_MEMORY",
        "ENGINE_THREADS",
    )
    empty = {f"DAYWATCH_{name}": "" for name in (*names, "SCRATCH")}

    assert read_settings(empty) == read_settings({})


def test_the_deployment_carries_them(tmp_path: Path) -> None:
    environment = {"DAYWATCH_ENGINE_THREADS": "7", "DAYWATCH_SCRATCH": str(tmp_path)}

    found = deployment_from(environment, no_connections).engine

    assert (found.threads, found.folder, found.memory) == (7, tmp_path, EngineSettings().memory)


def test_only_the_environment_that_is_handed_over_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAYWATCH_ENGINE_THREADS", "3")
    monkeypatch.setenv("DAYWATCH_DATA_URI", "/elsewhere")

    assert read_settings({"DAYWATCH_ENGINE_MEMORY": "2GB", "OTHER": "x"}) == read_settings(
        {"DAYWATCH_ENGINE_MEMORY": "2GB"}
    )
    assert read_settings({}).data_uri.endswith("/.daywatch/local/data")
    assert read_settings({}).engine_threads is None
