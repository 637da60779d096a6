"""Transactions on the warehouse, and what is said when there is none."""

from __future__ import annotations

import pickle
import sqlite3
import traceback
from pathlib import Path

import pytest
import sqlalchemy as sa
from daywatch.config.deployment import databases
from daywatch.errors import InfrastructureError, SetupError
from daywatch.warehouse import database, tables
from daywatch.warehouse.database import SCHEMA_VERSION, connect, database_errors, transaction
from daywatch.warehouse.migrate import upgrade
from daywatch_demo.stack.postgres import Postgres
from fault_proxy import fault_proxy
from faults import Fault, Kind

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


def superuser(server: Postgres, *statements: str) -> None:
    """Run statements with the rights of the server's superuser."""
    with server._connect() as connection:
        for statement in statements:
            connection.execute(statement)  # type: ignore[call-overload]


def as_role(url: str, **parts: str) -> str:
    """Return an address with another login, password or database."""
    return sa.make_url(url).set(**parts).render_as_string(hide_password=False)  # type: ignore[arg-type]


Change = tuple[dict[str, str], tuple[str, ...], str]
REFUSED: dict[str, Change] = {
    # name: (parts of the address, statements of the superuser, what the error says)
    "wrong password": ({"password": "planted"}, (), "password authentication failed for user"),
    "unknown role": ({"username": "nobody"}, (), 'password authentication failed for user "nobody"'),
    "unknown database": ({"database": "nowhere"}, (), 'database "nowhere" does not exist'),
    "no login": (
        {"username": "mute", "password": "planted"},
        ("CREATE ROLE mute PASSWORD 'planted' NOLOGIN",),
        'role "mute" is not permitted to log in',
    ),
    "no right to the database": (
        {"username": "shut_out", "password": "planted"},
        (
            "CREATE ROLE shut_out PASSWORD 'planted' LOGIN",
            "REVOKE CONNECT ON DATABASE {database} FROM PUBLIC",
        ),
        'permission denied for database "test_',
    ),
    "no right to the tables": (
        {"username": "blind", "password": "planted"},
        ("CREATE ROLE blind PASSWORD 'planted' LOGIN",),
        "permission denied for table alembic_version",
    ),
}


@pytest.mark.integration
@pytest.mark.parametrize(("parts", "statements", "says"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_of_postgresql_is_a_matter_of_setup(
    postgres_server: Postgres,
    postgresql_warehouse: str,
    parts: dict[str, str],
    statements: tuple[str, ...],
    says: str,
) -> None:
    database = str(sa.make_url(postgresql_warehouse).database)
    superuser(postgres_server, *(one.format(database=database) for one in statements))
    url = as_role(postgresql_warehouse, **parts)

    with pytest.raises(SetupError) as caught, transaction(url):
        pass

    message = str(caught.value)
    assert f"refused access: {says}" in message
    assert "in the Airflow connection 'daywatch_warehouse'" in message
    assert "planted" not in message
    assert "\n" not in message


@pytest.mark.integration
def test_a_role_that_may_not_change_the_schema(postgres_server: Postgres, postgresql: str) -> None:
    superuser(postgres_server, "CREATE ROLE guest PASSWORD 'planted' LOGIN")

    with pytest.raises(SetupError, match="refused access: permission denied for schema public"):
        upgrade(as_role(postgresql, username="guest", password="planted"))


@pytest.mark.integration
def test_too_many_connections_may_pass(postgres_server: Postgres, postgresql: str) -> None:
    superuser(postgres_server, "CREATE ROLE busy PASSWORD 'planted' LOGIN CONNECTION LIMIT 0")

    with (
        pytest.raises(InfrastructureError, match='did not answer: .*too many connections for role "busy"'),
        transaction(as_role(postgresql, username="busy", password="planted")),
    ):
        pass


@pytest.mark.integration
def test_a_lock_that_is_held_for_ever_ends_in_a_sentence(
    postgresql_warehouse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(databases.LONGEST_WAIT, "lock_timeout", "50ms")
    engine = connect(postgresql_warehouse)
    with engine.begin() as holder:
        holder.execute(sa.text("LOCK TABLE model IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(
            InfrastructureError, match="did not answer: .* Another session holds a lock: end it"
        ):
            count(postgresql_warehouse)
    engine.dispose()
    assert count(postgresql_warehouse) == 0


@pytest.mark.integration
def test_a_statement_that_never_ends(postgresql_warehouse: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(databases.LONGEST_WAIT, "statement_timeout", "50ms")
    with (
        pytest.raises(InfrastructureError, match="did not answer: .* statement_timeout is too short"),
        transaction(postgresql_warehouse) as connection,
    ):
        connection.execute(sa.text("SELECT pg_sleep(60)"))


@pytest.mark.integration
@pytest.mark.parametrize("kind", [Kind.STALL, Kind.SILENT])
@pytest.mark.parametrize("query", [b"pg_catalog.version", b"FROM model"])
def test_a_server_that_says_nothing_any_more(
    postgresql_warehouse: str, kind: Kind, query: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its machine acknowledges what it gets, so that neither TCP nor ``statement_timeout`` ends the wait."""
    monkeypatch.setattr(database, "_LONGEST_TRANSACTION", 1.0)
    url = sa.make_url(postgresql_warehouse)
    with fault_proxy(url.port or 0) as proxy:
        proxy.plan(Fault(kind, query))
        silent = url.set(port=proxy.port).render_as_string(hide_password=False)
        with pytest.raises(InfrastructureError, match="did not answer: "):
            count(silent)
        assert proxy.struck == 1
        assert count(silent) == 0


@pytest.mark.integration
def test_a_bound_of_the_role_counts(postgres_server: Postgres, postgresql_warehouse: str) -> None:
    name = str(sa.make_url(postgresql_warehouse).database)
    superuser(postgres_server, f"ALTER DATABASE {name} SET lock_timeout = '7s'")

    with transaction(postgresql_warehouse) as connection:
        found = [connection.execute(sa.text(f"SHOW {one}")).scalar() for one in databases.LONGEST_WAIT]

    assert found == ["7s", "10min"]


@pytest.mark.integration
def test_a_database_that_only_reads_after_a_failover(
    postgres_server: Postgres, postgresql_warehouse: str
) -> None:
    name = str(sa.make_url(postgresql_warehouse).database)
    superuser(postgres_server, f"ALTER DATABASE {name} SET default_transaction_read_only = on")

    with (
        pytest.raises(InfrastructureError, match="did not answer: cannot execute INSERT .* It only reads"),
        transaction(postgresql_warehouse) as connection,
    ):
        connection.execute(sa.insert(tables.model).values(model="m", **OWN))


def test_secrets_of_an_address_are_in_no_error(unused_port: int) -> None:
    secret = "planted-%s"  # noqa: S105 - to be looked for
    query = {
        "sslpassword": secret % "ssl",
        "options": f"-c app.password={secret % 'option'}",
        "connect_timeout": "1",
    }
    url = sa.URL.create("postgresql+psycopg", "me", secret % "pass", "127.0.0.1", unused_port, "w", query)

    with pytest.raises(InfrastructureError) as caught, transaction(url.render_as_string(hide_password=False)):
        pass

    assert "planted" not in "".join(traceback.format_exception(caught.value))
    assert "127.0.0.1" in str(caught.value)


def test_an_error_without_a_text_is_told_by_its_kind() -> None:
    error = sa.exc.OperationalError("SELECT 1", {}, sqlite3.OperationalError(""))

    with (
        pytest.raises(
            InfrastructureError, match="^The warehouse sqlite:///w did not answer: OperationalError\\.$"
        ),
        database_errors("sqlite:///w"),
    ):
        raise error


def test_a_sqlite_file_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "folder.sqlite").mkdir()
    (tmp_path / "text.sqlite").write_text("no database, but long enough to have a header of its own. " * 20)

    for name, says in (("folder", "unable to open database file"), ("text", "file is not a database")):
        with (
            pytest.raises(
                SetupError, match=f"refused access: {says}. Check the path in the Airflow connection"
            ),
            transaction(f"sqlite:///{tmp_path / name}.sqlite"),
        ):
            pass


def test_the_folder_of_a_sqlite_file_is_made(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a' / 'b' / 'w.sqlite'}"

    upgrade(url)

    assert count(url) == 0


def test_moments_are_utc_on_every_database(url: str) -> None:
    from datetime import UTC, datetime, timedelta, timezone

    timestamp = datetime(2024, 3, 31, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    row = {"version": "v", "description": "", "artifacts": {}, "rows": 1, "metrics": {}, "created_by": ""}
    times = {"trained_from": timestamp, "trained_until": timestamp, "created_at": timestamp}
    with transaction(url) as connection:
        connection.execute(sa.insert(tables.model_version).values(model="m", **row, **times))
        found = connection.execute(sa.select(tables.model_version.c.created_at)).scalar_one()

    assert (found, found.tzinfo) == (timestamp, UTC)

    naive = datetime(2024, 3, 31)  # noqa: DTZ001 - the point
    with (
        pytest.raises(sa.exc.StatementError, match="Expected a timestamp with a time zone"),
        transaction(url) as connection,
    ):
        connection.execute(
            sa.insert(tables.model_version).values(model="n", **row, **{**times, "created_at": naive})
        )
