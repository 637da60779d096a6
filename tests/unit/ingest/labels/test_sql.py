"""Labels from a real PostgreSQL: parameters, types, chunks, and what can go wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa
from captures import one
from daywatch.config.deployment.connections import Connection
from daywatch.errors import InfrastructureError, SetupError
from daywatch.ingest.captures.registry import source_of
from daywatch.ingest.evidence_listing import evidence_listing
from daywatch.ingest.labels import sql
from daywatch.ingest.labels.load import label_reader
from daywatch.ingest.labels.source import LabelRequest
from daywatch.storage import open_storage
from labelled import DAY, Exported, Labelled
from models import local_deployment, model

pytestmark = pytest.mark.integration

QUERY = """
    SELECT id, y AS label, at AS collected_at FROM truth
    WHERE served >= :window_start AND served < :window_end AND at < :until
"""


@pytest.fixture
def database(postgresql: str) -> str:
    engine = sa.create_engine(postgresql)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE truth (id text, y numeric, served timestamptz, at timestamptz)"
        )
        connection.exec_driver_sql(
            """
            INSERT INTO truth VALUES
                ('e1', 1, '2024-03-03 12:00+00', '2024-03-03 13:00+00'),
                ('e2', 1.00, '2024-03-03 12:00+00', '2024-03-05 01:00+02'),
                ('e3', 1, '2024-03-03 12:00+00', '2024-03-05 00:00+00'),
                ('x''; DROP TABLE truth; --', 0, '2024-03-03 12:00+00', '2024-03-03 13:00+00'),
                ('other day', 1, '2024-03-04 12:00+00', '2024-03-04 13:00+00'),
                ('e4', NULL, '2024-03-03 12:00+00', '2024-03-04 13:00+00')
            """
        )
    engine.dispose()
    return postgresql


def connection_to(url: str, **changes: Any) -> Connection:
    parsed = sa.make_url(url)
    given = {
        "conn_type": "postgres",
        "host": parsed.host,
        "port": parsed.port,
        "login": parsed.username,
        "password": parsed.password,
        "schema": parsed.database,
    }
    return Connection.model_validate({**given, **changes})


def exported(folder: Path, connection: Connection | None, query: str = QUERY) -> Exported:
    here = Labelled(folder)
    for event in ("e1", "e2", "e3", "e4"):
        here.endpoint.raw(one(event).line(), name=f"{event}.jsonl")
    labels = {"source": "sql", "connection": "truth_db", "query": query, "delay_days": 1}
    return here.export(labels, lambda name: connection if name == "truth_db" else None)


def test_parameters_are_bound_and_moments_are_moments(tmp_path: Path, database: str) -> None:
    found = exported(tmp_path, connection_to(database))

    assert found.labels == {("e1", 1): "1", ("e2", 1): "1", ("e3", 1): None, ("e4", 1): None}
    assert found.counts.labels_unmatched_sample == ("x'; DROP TABLE truth; --",)
    assert found.counts.labelled_by_day == (1, 2)
    assert found.counts.label_source == "sql:truth_db"
    assert found.bad == []


def test_chunks_make_no_difference(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = exported(tmp_path, connection_to(database))
    monkeypatch.setattr(sql, "LABEL_QUERY_ROWS", 1)

    assert exported(tmp_path, connection_to(database)).digest == whole.digest


def test_no_more_rows_than_a_chunk_are_in_memory(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "LABEL_QUERY_ROWS", 4)
    labels = {"source": "sql", "connection": "truth_db", "query": "SELECT id, y AS label FROM truth"}
    storage = open_storage(str(tmp_path), local_deployment(tmp_path))
    reader = label_reader(model(labels=labels), LabelRequest(DAY, storage, lambda _: connection_to(database)))
    assert reader is not None
    passed = []

    with duckdb.connect() as connection:
        reader.read(connection, {}, lambda query: passed.append(len(connection.execute(query).fetchall())))

    assert passed == [4, 2]


def test_a_mark_of_the_rows_tells_late_evidence(tmp_path: Path, database: str) -> None:
    """In export and alone, in any order; another value gives another fingerprint."""
    first = exported(tmp_path, connection_to(database)).evidence_listing
    storage = open_storage(str(tmp_path / "data"), local_deployment(tmp_path))
    request = LabelRequest(DAY, storage, lambda _: connection_to(database))

    def now(query: str = QUERY) -> str:
        labels = {"source": "sql", "connection": "truth_db", "query": query, "delay_days": 1}
        reader = label_reader(model(labels=labels), request)
        assert reader is not None
        captures = [found.stored for found in source_of(model()).objects(storage, DAY)]
        return evidence_listing(captures, reader.with_fingerprints(reader.objects()))

    assert now() == now(QUERY + " ORDER BY id DESC") == first

    engine = sa.create_engine(database)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE truth SET y = 0 WHERE id = 'e1'")
    engine.dispose()
    assert now() != first


def test_without_collected_at_there_is_no_curve(tmp_path: Path, database: str) -> None:
    found = exported(
        tmp_path, connection_to(database), "SELECT id, y AS label FROM truth WHERE y IS NOT NULL ORDER BY id"
    )

    assert (found.counts.labelled, found.counts.labelled_by_day) == (3, ())


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT nothing FROM truth", "labels.query cannot be run through 'truth_db': column .nothing"),
        ("SELEKT 1", "labels.query cannot be run through 'truth_db': syntax error"),
        ("SELECT id FROM truth", "gives the columns id, expected label among them"),
        ("DELETE FROM truth RETURNING id, y AS label", "labels.query cannot be run through 'truth_db'"),
    ],
)
def test_a_query_that_cannot_be_run(tmp_path: Path, database: str, query: str, message: str) -> None:
    with pytest.raises(SetupError, match=message):
        exported(tmp_path, connection_to(database), query)


def test_no_connection_and_a_wrong_one(tmp_path: Path, database: str, unused_port: int) -> None:
    with pytest.raises(SetupError, match="need the Airflow connection 'truth_db'.*set AIRFLOW_CONN_TRUTH_DB"):
        exported(tmp_path, None)
    with pytest.raises(SetupError, match="'truth_db' has type 'mysql', expected postgres or sqlite"):
        exported(tmp_path, connection_to(database, conn_type="mysql"))
    away = connection_to(database, port=unused_port, password="planted")
    with pytest.raises(InfrastructureError, match="The labels' database 'truth_db' did not answer") as error:
        exported(tmp_path, away)
    assert "planted" not in str(error.value)


@pytest.mark.integration
def test_a_database_that_refuses_the_connection(tmp_path: Path, database: str) -> None:
    refused = "The labels' database refused the Airflow connection 'truth_db'"
    with pytest.raises(SetupError, match=f"{refused}: password authentication failed") as error:
        exported(tmp_path, connection_to(database, password="planted"))
    assert "planted" not in str(error.value)
