from collections.abc import Iterator
from pathlib import Path

import pytest
from daywatch_demo.stack.stack import Stack, temporary_stack


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like a clone, with no DAG of its own, and a name that needs care."""
    root = tmp_path_factory.mktemp("it's a clone")
    for name in ("dags", "plugins", "include"):
        (root / name).mkdir()
    return root


@pytest.fixture(scope="module")
def stack(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running stack without Airflow."""
    with temporary_stack(clone, tmp_path_factory.mktemp("state") / "daywatch") as stack:
        stack.up(airflow=False)
        yield stack
