"""Fixtures for all tests: places to monitor the small model in, and a PostgreSQL server."""

from __future__ import annotations

import itertools
import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from signal import SIGQUIT
from typing import Any

import pytest
import sqlalchemy as sa
from daywatch.warehouse.migrate import upgrade
from daywatch.warehouse.window_results import WindowResults
from daywatch_demo.stack.ports import choose_ports
from daywatch_demo.stack.postgres import Postgres
from daywatch_demo.stack.postgres_home import remove_home
from daywatch_demo.stack.settings import WAREHOUSE, load_settings
from places import Place, make_place
from psycopg import sql
from recorded import make_results
from xdist.scheduler import LoadFileScheduling

_NUMBERS = itertools.count()
_EXIT = pytest.StashKey[int]()


@pytest.fixture(autouse=True)
def log_settings() -> Iterator[None]:
    """Undo what a command sets for its process, so that the next test sees all log lines."""
    logger = logging.getLogger("daywatch")
    level, handlers = logger.level, list(logger.handlers)
    yield
    logger.setLevel(level)
    logger.handlers[:] = handlers


@pytest.fixture
def place(tmp_path: Path, sqlite_template: Path) -> Callable[..., Place]:
    """Return a function that makes a place on local folders, with changes to the model's YAML."""

    def make(name: str = "place", **changes: Any) -> Place:
        (tmp_path / name).mkdir()
        shutil.copyfile(sqlite_template, tmp_path / name / "warehouse.sqlite")
        return make_place(tmp_path / name, **changes)

    return make


@pytest.fixture
def results() -> Callable[..., WindowResults]:
    """Return the function that makes results."""
    return make_results


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A PostgreSQL server without anything beside it."""
    state = tmp_path_factory.mktemp("postgres") / "state"
    settings = load_settings(tmp_path_factory.mktemp("clone"), state, choose_ports(["postgres"], {}, []))
    server = Postgres(settings)
    try:
        server.up()
        yield server
    finally:
        server.process.stop(SIGQUIT, 10)  # at once: what is thrown away need not be written down
        remove_home(state)


@pytest.fixture
def postgresql(postgres_server: Postgres) -> str:
    """The address of an empty database."""
    return _database(postgres_server, "template0")


@pytest.fixture
def postgresql_warehouse(postgres_server: Postgres, postgres_template: str) -> str:
    """The address of a migrated database without rows."""
    return _database(postgres_server, postgres_template)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Postgres) -> str:
    """The name of a migrated database to copy."""
    url = _database(postgres_server, "template0")
    upgrade(url)
    return str(sa.make_url(url).database)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    file = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    upgrade(f"sqlite:///{file}")
    return file


def _database(server: Postgres, template: str) -> str:
    """Create a database of the warehouse's role and return its address."""
    name = f"test_{next(_NUMBERS)}"
    with server._connect() as connection:
        names = (sql.Identifier(one) for one in (name, template, WAREHOUSE))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(*names))
    url = sa.make_url(server.settings.warehouse_dsn).set(database=name)
    return url.render_as_string(hide_password=False)


@pytest.fixture
def unused_port() -> int:
    """A port where nobody listens."""
    return choose_ports(["nobody"], {}, [])["nobody"]


_AIRFLOW = (
    "tests/e2e/",
    "tests/chaos/test_airflow.py",
    "tests/integration/pages/",
    "tests/integration/stack/test_stack_airflow.py",
)
"""Tests with a whole Airflow: one after the other on one worker, which mostly waits. Two at once would time out."""


class _ServersOnce(LoadFileScheduling):
    """Gives a file to one worker, for its tests share servers; some files share them too.

    xdist's own groups (``--dist loadgroup``) are ignored since pytest 9.2: every server was started twice.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        if file.startswith(_AIRFLOW):
            return "airflow"
        return "tests/chaos" if file.startswith("tests/chaos/") else file


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    """Distribute whole files, in the order of ``testpaths``: what takes longest begins first."""
    return _ServersOnce(config, log)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Keep the exit status for the end."""
    session.config.stash[_EXIT] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave at once, after everything is said: see ``daywatch.cli.app`` on what DuckDB says otherwise.

    A worker of xdist tells the others first, and mutmut goes on in the process of the tests.
    """
    goes_on = hasattr(config, "workerinput") or "MUTANT_UNDER_TEST" in os.environ
    if _EXIT in config.stash and not goes_on:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.stash[_EXIT])
