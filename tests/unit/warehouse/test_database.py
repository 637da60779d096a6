"""Transactions on the warehouse, and what is said when there is none."""

from __future__ import annotations

import pickle
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from daywatch.errors import InfrastructureError, SetupError
from daywatch.warehouse import tables
from daywatch.warehouse.database import SCHEMA_VERSION, connect, transaction, unanswered
from daywatch.warehouse.migrate import upgrade

OWN = {"namespace": "/a", "owner": "o", "tier": 1, "description": "d"}


def count(url: str) -> int:
    with transaction(url) as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(tables.model)).scalar_one()


def test_all_or_nothing(url: str) -> None:
    def fail() -> None:
        with transaction(url) as connection:
            connection.execute(sa.insert(tables.model).values(model="m", **OWN))
            message = "in the middle"
            raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="in the middle"):
        fail()

    assert count(url) == 0


def test_a_database_without_tables_says_what_to_do(empty: str) -> None:
    with (
        pytest.raises(
            SetupError,
            match=f"schema is at version none, expected {SCHEMA_VERSION}: run `daywatch warehouse upgrade`",
        ),
        transaction(empty),
    ):
        pass


def test_a_newer_schema_is_refused(url: str) -> None:
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(SetupError, match=f"is at version 9999, expected {SCHEMA_VERSION}"), transaction(url):
        pass


def test_a_server_that_is_away(unused_port: int) -> None:
    url = f"postgresql+psycopg://me:planted@127.0.0.1:{unused_port}/watch"

    with pytest.raises(InfrastructureError) as caught, transaction(url):
        pass

    message = str(caught.value)
    assert message.startswith(
        f"The warehouse postgresql+psycopg://me:***@127.0.0.1:{unused_port}/watch did not"
    )
    assert "refused" in message
    assert "planted" not in message
    assert "\n" not in message
    assert str(pickle.loads(pickle.dumps(caught.value))) == message  # noqa: S301 - ours


@pytest.mark.integration
def test_a_wrong_password_is_not_repeated(postgresql: str) -> None:
    url = sa.make_url(postgresql).set(password="planted")

    with (
        pytest.raises(InfrastructureError, match="password authentication failed") as caught,
        transaction(url.render_as_string(hide_password=False)),
    ):
        pass

    assert "planted" not in str(caught.value)


def test_an_error_without_a_text_is_told_by_its_kind() -> None:
    error = sa.exc.OperationalError("SELECT 1", {}, sqlite3.OperationalError(""))

    assert (
        str(unanswered("sqlite:///w", error)) == "The warehouse sqlite:///w did not answer: OperationalError"
    )


def test_a_sqlite_file_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "w.sqlite").mkdir()

    with (
        pytest.raises(InfrastructureError, match="did not answer: unable to open database file"),
        transaction(f"sqlite:///{tmp_path / 'w.sqlite'}"),
    ):
        pass


def test_the_folder_of_a_sqlite_file_is_made(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a' / 'b' / 'w.sqlite'}"

    upgrade(url)

    assert count(url) == 0


def test_moments_are_utc_on_every_database(url: str) -> None:
    from datetime import UTC, datetime, timedelta, timezone

    moment = datetime(2024, 3, 31, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    row = {"version": "v", "description": "", "artifacts": {}, "rows": 1, "metrics": {}, "created_by": ""}
    times = {"trained_from": moment, "trained_until": moment, "created_at": moment}
    with transaction(url) as connection:
        connection.execute(sa.insert(tables.model_version).values(model="m", **row, **times))
        found = connection.execute(sa.select(tables.model_version.c.created_at)).scalar_one()

    assert (found, found.tzinfo) == (moment, UTC)

    naive = datetime(2024, 3, 31)  # noqa: DTZ001 - the point
    with (
        pytest.raises(sa.exc.StatementError, match="Expected a moment with a time zone"),
        transaction(url) as connection,
    ):
        connection.execute(
            sa.insert(tables.model_version).values(model="n", **row, **{**times, "created_at": naive})
        )
