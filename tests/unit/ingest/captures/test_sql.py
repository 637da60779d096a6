"""Captures as rows of a query on SQLite and PostgreSQL: the same day, late rows, and what can go wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import models
import pytest
import sqlalchemy as sa
from captures import Inference, day_of
from daywatch.config.deployment.connections import Connection
from daywatch.errors import DaywatchError, SetupError
from daywatch.ingest.captured_names import captured_names
from daywatch.ingest.captures import sql
from daywatch.ingest.captures.registry import source_of
from daywatch.ingest.data_places import capture_storage
from daywatch.ingest.export import export_window
from daywatch.results import State
from daywatch.stages.build_baseline import build_baseline
from daywatch.stages.reevaluate import late_windows
from daywatch.window import Window
from places import BASELINE_DAYS, DAY, Place
from sources import COLUMNS, answers_of, columns_of

QUERY = """
SELECT id AS inference_id, asked_at AS inference_time, amount, items, member, country, prediction, probability, host
FROM answers WHERE asked_at >= :window_start AND asked_at < :window_end
"""
CAPTURE = {"source": "sql", "connection": "shop", "query": QUERY, "keep": {"server": "$.host"}}
TABLE = (
    "CREATE TABLE answers (id VARCHAR(40), asked_at TIMESTAMP, amount NUMERIC(12, 2), items INTEGER, "
    "member BOOLEAN, country VARCHAR(2), prediction VARCHAR(2), probability DOUBLE PRECISION, host INTEGER)"
)


def values_of(one: Inference) -> dict[str, Any]:
    found = {"id": one.event_id, "asked_at": f"{one.at:%Y-%m-%d %H:%M:%S}", "host": 7}
    return {**found, **columns_of(one, COLUMNS), **answers_of(one)}


def insert(url: str, inferences: list[Inference]) -> None:
    engine = sa.create_engine(url)
    rows = [values_of(one) for one in inferences]
    with engine.begin() as connection:
        if not sa.inspect(connection).has_table("answers"):
            connection.execute(sa.text(TABLE))
        names = list(rows[0])
        given = ", ".join(
            f"CAST(:{name} AS TIMESTAMP)" if name == "asked_at" and "postgres" in url else f":{name}"
            for name in names
        )
        connection.execute(sa.text(f"INSERT INTO answers ({', '.join(names)}) VALUES ({given})"), rows)
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Connection]]:
    """The address of a database, and the Airflow connection to it."""
    if request.param == "sqlite":
        file = tmp_path / "answers.sqlite"
        yield f"sqlite:///{file}", Connection(conn_type="sqlite", host=str(file))
        return
    url = sa.make_url(request.getfixturevalue("postgresql"))
    yield (
        url.render_as_string(hide_password=False),
        Connection(
            conn_type="postgres",
            host=url.host,
            port=url.port,
            login=url.username,
            password=str(url.password or ""),
            schema=url.database,
        ),
    )


def exported(found: Connection | None, scratch: Path, **changes: Any) -> Any:
    model = models.model(capture={**CAPTURE, **changes}, labels=None)
    deployment = models.local_deployment(scratch, connections=lambda _: found)
    scratch.mkdir(exist_ok=True)
    return export_window(Window.of_day(DAY), model, capture_storage(model, deployment), scratch)


def test_a_day_of_rows(
    database: tuple[str, Connection], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows in any order and in small chunks give the bytes of rows in order; the days around it are left out."""
    url, found = database
    monkeypatch.setattr(sql, "CAPTURE_QUERY_ROWS", 7)
    ours = day_of(DAY, rows=48)
    bounds = [day_of(day, rows=4) for day in ("2024-03-02", "2024-03-04")]
    insert(url, [*reversed(ours), *bounds[0], *bounds[1]])
    first = exported(found, tmp_path / "first")
    assert (first.counts.records, first.counts.rows, first.counts.quarantined) == (48, 48, 0)
    assert first.counts.source == "sql:shop"

    other = exported(found, tmp_path / "second", query=f"{QUERY} ORDER BY amount, id DESC")
    assert other.digest == first.digest
    assert other.evidence_listing == first.evidence_listing
    import pyarrow.parquet as pq

    rows = pq.read_table(first.inferences).to_pylist()
    assert [(row["event_id"], row["inference_time"], row["amount"], row["member"]) for row in rows] == [
        (one.event_id, one.at, *list(columns_of(one).values())[0:3:2]) for one in ours
    ]
    assert {row["server"] for row in pq.read_table(first.operations).to_pylist()} == {"7"}


def test_a_window_that_rows_join_later_is_judged_again(place: Callable[..., Place], tmp_path: Path) -> None:
    file = tmp_path / "shop.sqlite"
    here = place(capture=CAPTURE, labels=None, plan__rules=[{"metric": "rows", "red": "< 5"}])
    connection = Connection(conn_type="sqlite", host=str(file))
    object.__setattr__(here.deployment, "connections", lambda _: connection)
    for day in (*BASELINE_DAYS, DAY):
        insert(f"sqlite:///{file}", day_of(day))
    build_baseline(models.NAME, here.deployment)
    _, verdict = here.run()
    assert verdict.state is State.GREEN
    as_of = Window.of_day(DAY).first
    assert late_windows(models.NAME, as_of, here.deployment) == []

    late = day_of(DAY, rows=3)
    insert(
        f"sqlite:///{file}",
        [Inference("late", late[0].at + timedelta(seconds=5), late[0].request, late[0].response)],
    )
    (window,) = late_windows(models.NAME, as_of, here.deployment)
    assert window.window == DAY


def test_the_columns_of_a_query_are_the_names_of_the_captures(tmp_path: Path) -> None:
    file = tmp_path / "shop.sqlite"
    insert(f"sqlite:///{file}", day_of(DAY, rows=3))
    model = models.model(capture=CAPTURE)
    deployment = models.local_deployment(
        tmp_path, connections=lambda _: Connection(conn_type="sqlite", host=str(file))
    )
    storage = capture_storage(model, deployment)
    objects = source_of(model).objects(storage, Window.of_day(DAY))
    assert captured_names(model, storage, objects, tmp_path)[2:4] == ("amount", "items")
    assert storage.find("daywatch-check") is None


def test_rows_of_another_day_and_rows_that_do_not_fit(tmp_path: Path) -> None:
    file = tmp_path / "shop.sqlite"
    insert(f"sqlite:///{file}", day_of(DAY, rows=6))
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE answers SET amount = 'twelve' WHERE rowid = 2")
        database.execute("UPDATE answers SET asked_at = '2024-03-03 nonsense' WHERE rowid = 3")
        database.execute("UPDATE answers SET asked_at = '2019-01-01 12:00:00' WHERE rowid = 4")
        database.execute("UPDATE answers SET id = 'x' WHERE rowid IN (5, 6)")
    every = QUERY.replace("WHERE", "WHERE :window_start <> :window_end OR")
    found = exported(Connection(conn_type="sqlite", host=str(file)), tmp_path / "scratch", query=every)
    assert found.counts.reasons == {"misplaced": 1, "no_time": 1, "not_a_number": 1}
    assert (found.counts.records, found.counts.rows, found.counts.duplicates) == (6, 2, 1)


@pytest.mark.parametrize(
    ("changes", "found", "message"),
    [
        (
            {},
            None,
            r"The captures need the Airflow connection 'shop' \(type postgres or sqlite\), but there is none",
        ),
        ({}, Connection(conn_type="mysql"), "has type 'mysql', expected postgres or sqlite"),
        (
            {"query": "SELECT 1 AS a WHERE :window_start < :window_end"},
            "here",
            "gives the columns a, expected inference_id and inference_time among them",
        ),
        (
            {"query": "SELECT no_such FROM answers WHERE :window_start < :window_end"},
            "here",
            "The query under capture.query cannot be run through 'shop': no such column: no_such",
        ),
        (
            {
                "query": "DELETE FROM answers WHERE asked_at > :window_start AND asked_at > :window_end RETURNING *"
            },
            "here",
            "attempt to write a readonly database",
        ),
        (
            {
                "query": QUERY.replace("host", "printf('%.2000000c', 'x') || id AS host", 1),
                "limits": {"object_megabytes": 1},
            },
            "here",
            "gives more than 1 MB for a window",
        ),
        (
            {"query": QUERY.replace("host", "host, items + 1 AS amount", 1)},
            "here",
            "gives several columns of the name amount: select one of them",
        ),
        (
            {"query": QUERY.replace("host", "host, items + 1 AS Amount", 1)},
            "here",
            "gives several columns of the name amount, Amount: select one of them",
        ),
    ],
)
def test_a_query_that_cannot_be_read(
    tmp_path: Path, changes: dict[str, Any], found: Any, message: str
) -> None:
    file = tmp_path / "shop.sqlite"
    insert(f"sqlite:///{file}", day_of(DAY, rows=3))
    connection = Connection(conn_type="sqlite", host=str(file)) if found == "here" else found
    with pytest.raises(DaywatchError, match=message) as caught:
        exported(connection, tmp_path / "scratch", **changes)
    assert isinstance(caught.value, SetupError)
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT count(*) FROM answers").fetchone() == (3,)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT * FROM answers", "with :window_start and :window_end"),
        ("SELECT * FROM answers WHERE a > :window_start AND b < :until", "but the query has :until"),
    ],
)
def test_a_query_that_asks_for_no_window(query: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        models.model(capture={**CAPTURE, "query": query})
