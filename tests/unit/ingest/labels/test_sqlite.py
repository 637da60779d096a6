"""Labels from a SQLite file: the values of each type, parameters, chunks, fingerprints, and what can go wrong."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from daywatch.config.deployment.connections import Connection
from daywatch.errors import SetupError
from daywatch.ingest.labels import sql
from daywatch.ingest.labels.load import label_reader
from daywatch.ingest.labels.source import LabelReader, LabelRequest
from daywatch.ingest.reading.quarantine import Reason
from daywatch.storage import StoredObject, open_storage
from labelled import DAY, Labelled, ReadLabels
from models import local_deployment, model

EVENTS = tuple(f"e{number}" for number in range(1, 11))


class Database:
    """A SQLite file with labels of a day's ten inferences."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "truth.sqlite"
        self.here = Labelled(folder)
        self.run("CREATE TABLE truth (id, label)")

    def run(self, statement: str, rows: Any = ((),)) -> None:
        with closing(sqlite3.connect(self.file)) as database, database:
            database.executemany(statement, rows)

    def labels(self, query: str) -> dict[str, Any]:
        return {"source": "sql", "connection": "truth", "query": query, "delay_days": 1}

    def connection(self, name: str) -> Connection | None:
        """Return the connection; the driver converts values by the declared type of their column."""
        host = f"{self.file}?detect_types={sqlite3.PARSE_DECLTYPES}"
        return Connection(conn_type="sqlite", host=host) if name == "truth" else None

    def read(self, query: str = "SELECT id, label FROM truth") -> ReadLabels:
        return self.here.read(self.labels(query), dict.fromkeys(EVENTS, 1), self.connection)

    def reader(self, query: str) -> LabelReader:
        storage = open_storage(str(self.here.folder / "data"), local_deployment(self.here.folder))
        reader = label_reader(model(labels=self.labels(query)), LabelRequest(DAY, storage, self.connection))
        assert reader is not None
        return reader

    def fingerprint(self, query: str) -> StoredObject:
        """Return what stands for the rows of a query in the listing of the evidence, without an export."""
        reader = self.reader(query)
        ((address, day, stored),) = [
            (one.address, one.day, one.stored) for one in reader.with_fingerprints(reader.objects())
        ]
        assert (address, day) == ("sql:truth", None)
        assert stored is not None
        return stored


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path)


def test_a_value_of_any_type_is_a_label(database: Database) -> None:
    """As drivers hand them over: PostgreSQL's gives decimals, truth values, days and times."""
    values: list[tuple[Any, str | None]] = [
        (Decimal("1.50"), "1.5"),
        (Decimal("-2.00"), "-2"),
        (Decimal("1E+2"), "100"),
        (Decimal("1E-7"), "0.0000001"),
        (Decimal("NaN"), None),
        (True, "true"),
        (2.0, "2"),
        (0.25, "0.25"),
        (date(2024, 3, 4), "2024-03-04"),
        (datetime(2024, 3, 4, 5, 6, tzinfo=UTC), "2024-03-04T05:06:00+00:00"),
    ]
    sqlite3.register_converter("value_of_a_driver", lambda number: values[int(number)][0])
    database.run("CREATE TABLE typed (id TEXT, label value_of_a_driver)")
    database.run("INSERT INTO typed VALUES (?, ?)", zip(EVENTS, range(len(values)), strict=True))

    found = database.read("SELECT id, label FROM typed")

    expected = [label for _, label in values]
    assert [found.labels[event, 1] for event in EVENTS] == expected
    assert found.bad == []


def test_parameters_are_the_bounds_of_the_window(database: Database) -> None:
    names = ("window_start", "window_end", "until")
    query = " UNION ALL ".join(
        f"SELECT '{event}', :{name}" for event, name in zip(EVENTS, names, strict=False)
    )

    found = database.read(f"SELECT 'e10' AS id, NULL AS label UNION ALL {query}")

    assert [found.labels[event, 1] for event in EVENTS[:3]] == [
        "2024-03-03 00:00:00",
        "2024-03-04 00:00:00",
        "2024-03-05 00:00:00",  # after a delay of one day
    ]


def test_outcomes_may_all_be_unknown_yet(database: Database) -> None:
    found = database.read("SELECT 'e1' AS id, NULL AS label UNION ALL SELECT 'e2', NULL")

    assert not any(found.labels.values())
    assert (found.bad, found.counts.labels) == ([], 0)


ROWS = [("e1", "1"), ("e2", "0"), ("", "1"), ("e3", "1"), ("x", "1"), ("e3", "a\x00")]


@pytest.mark.parametrize("rows_at_once", [1, 4])
def test_chunks_make_no_difference(
    database: Database, monkeypatch: pytest.MonkeyPatch, rows_at_once: int
) -> None:
    monkeypatch.setattr(sql, "LABEL_QUERY_ROWS", rows_at_once)
    database.run("INSERT INTO truth VALUES (?, ?)", ROWS)

    found = database.read()

    assert {event: label for (event, _), label in found.labels.items() if label is not None} == {
        "e1": "1",
        "e2": "0",
        "e3": "1",
    }
    assert [(row[1], row[2], row[3], row[5]) for row in found.bad] == [
        ("sql:truth", 3, Reason.NO_LABEL, ", 1"),
        ("sql:truth", 6, Reason.NUL_CHARACTER, "e3, a\x00"),
    ]
    assert found.bad[0][4] == "expected the column id and a class in the column label"
    assert (found.counts.labels, found.counts.labels_unmatched_sample) == (5, ("x",))


def test_no_more_rows_than_a_chunk_are_in_memory(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "LABEL_QUERY_ROWS", 4)
    database.run("INSERT INTO truth VALUES (?, ?)", ROWS)
    reader = database.reader("SELECT id, label FROM truth")
    passed = []

    with duckdb.connect() as connection:
        reader.read(connection, {}, lambda query: passed.append(len(connection.execute(query).fetchall())))

    assert passed == [4, 2]


def test_a_fingerprint_is_of_the_rows_in_any_order(database: Database) -> None:
    database.run("INSERT INTO truth VALUES (?, ?)", [("e1", 1), ("e2", 0), ("e3", None)])
    query = "SELECT id, label FROM truth"
    whole = database.fingerprint(query)

    assert (whole.key, whole.size, len(whole.etag)) == ("sql:truth", 3, 32)
    assert database.fingerprint(f"{query} ORDER BY id DESC") == whole
    assert [one.stored for one in database.read(query).objects] == [whole]

    database.run("INSERT INTO truth VALUES ('e2', 0)")
    twice = database.fingerprint(query)
    assert (twice.size, twice.etag == whole.etag) == (4, False)
    database.run("DELETE FROM truth WHERE id = 'e2'")
    database.run("INSERT INTO truth VALUES ('e2', '0')")
    assert database.fingerprint(query) == whole  # as text it is the same label
    database.run("UPDATE truth SET label = 1 WHERE id = 'e2'")
    assert database.fingerprint(query).etag not in (whole.etag, twice.etag)
    database.run("DELETE FROM truth")
    assert database.fingerprint(query) == StoredObject("sql:truth", 0, "0" * 32)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (
            "SELECT id FROM truth",
            "The query under labels.query gives the columns id, expected label among them: name them with AS.",
        ),
        (
            "SELECT 1 AS one, 2 AS two",
            "The query under labels.query gives the columns one, two, expected id and label among them: "
            "name them with AS.",
        ),
        (
            "SELECT id, other AS label FROM truth",
            "The query under labels.query cannot be run through 'truth': no such column: other.",
        ),
        (
            "SELEKT 1",
            "The query under labels.query cannot be run through 'truth': near \"SELEKT\": syntax error.",
        ),
        (
            "INSERT INTO truth VALUES ('e1', 1) RETURNING id, label",
            "The labels' database refused the Airflow connection 'truth': "
            "attempt to write a readonly database.",
        ),
    ],
)
def test_a_query_that_cannot_be_run(database: Database, query: str, sentence: str) -> None:
    with pytest.raises(SetupError) as error:
        database.fingerprint(query)

    assert str(error.value) == sentence
    assert database.fingerprint("SELECT id, label FROM truth").size == 0


def test_a_connection_that_is_not_there_and_a_file_that_is_none(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "SELECT id, label FROM truth"
    monkeypatch.setattr(database, "connection", lambda _: None)
    with pytest.raises(SetupError) as error:
        database.fingerprint(query)
    assert str(error.value) == (
        "The labels need the Airflow connection 'truth' (type postgres or sqlite), but there is none: create it, or "
        "set AIRFLOW_CONN_TRUTH."
    )
    nowhere = Connection(conn_type="sqlite", host=str(database.file / "nowhere"))
    monkeypatch.setattr(database, "connection", lambda _: nowhere)
    with pytest.raises(
        SetupError, match="refused the Airflow connection 'truth': .*unable to open database file"
    ):
        database.fingerprint(query)
