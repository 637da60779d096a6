"""A look at dags/ as Airflow sees it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FLIGHTS = ROOT / "include" / "models" / "flights.yaml"

Parse = Callable[[Path], dict[str, Any]]


@pytest.fixture(scope="session")
def parse(tmp_path_factory: pytest.TempPathFactory) -> Parse:
    """Parse dags/ with the models of a folder, in a process and an Airflow home of its own."""
    home = tmp_path_factory.mktemp("airflow")
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/unused.db",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
        # The bound on the parse is the test's own; Airflow's would cut it short on a busy machine.
        "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "600",
        "PYTHONPATH": str(ROOT / "include"),
    }

    def run(models: Path) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, str(Path(__file__).parent / "parse_folder.py")],
            env={**environment, "DAYWATCH_MODELS": str(models)},
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert done.returncode == 0, done.stderr
        parsed: dict[str, Any] = json.loads(done.stdout[done.stdout.index('{"seconds"') :])
        return parsed

    return run


@pytest.fixture(scope="session")
def parsed(parse: Parse, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The repository's own models."""
    return parse(ROOT / "include" / "models")


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder of models that a test may change."""
    folder = tmp_path / "models"
    folder.mkdir()
    shutil.copy(FLIGHTS, folder / "flights.yaml")
    return folder


def copies(folder: Path, count: int) -> None:
    """Write so many models, all like the flights."""
    text = FLIGHTS.read_text(encoding="utf-8")
    for number in range(count):
        name = f"model_{number:03}"
        (folder / f"{name}.yaml").write_text(
            text.replace("model: flights", f"model: {name}"), encoding="utf-8"
        )
