"""Nothing may be lost between reading and storing; if it is, nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from daywatch.engine.duck import duckdb_in
from daywatch.errors import AccountingError
from daywatch.ingest.accounting import count_records
from daywatch.storage import StoredObject
from daywatch.window import Window


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Five records: one with two rows, one bad, one seen twice, two that failed; three labels, one another day's."""
    with duckdb_in(tmp_path) as connection:
        connection.execute("""
            CREATE TABLE records AS FROM (VALUES (0, 1, 'a', NULL, NULL, NULL), (0, 2, 'b', NULL, 'not_json', 'failed'),
                (0, 3, 'a', NULL, 'duplicate', 'succeeded'), (0, 4, 'c', NULL, NULL, 'failed'),
                (0, 5, 'd', NULL, NULL, 'timeout')) AS t(object, record, event_id, inference_id, reason, status);
            CREATE TABLE row_outcomes AS FROM (VALUES (1, true), (2, true), (1, false)) AS t(row_in_record, kept);
            CREATE TABLE label_records AS FROM (VALUES ('a', NULL, true), (NULL, 'not_json', false), ('x', NULL, false))
                AS t(id, reason, is_known);
            CREATE TABLE labels AS FROM (VALUES ('a', 0)) AS t(id, row_in_record);
            CREATE TABLE row_labels AS FROM (VALUES ('a', '1', NULL::TIMESTAMPTZ, false, 0), ('a', '1', NULL, false, 0))
                AS t(id, label, collected_at, changed, labelled_row);
        """)
        yield connection


def test_the_counts(tables: duckdb.DuckDBPyConnection) -> None:
    counts = count_records(
        tables, [StoredObject("k", 7), StoredObject("l", 5)], "here", "there", Window.of_day("2024-03-03")
    )

    assert counts.model_dump() == {
        "source": "here",
        "label_source": "there",
        "objects": 2,
        "bytes": 12,
        "records": 5,
        "exported": 1,
        "quarantined": 1,
        "duplicates": 1,
        "unanswered": 2,
        "rows": 2,
        "labelled": 2,
        "labels": 2,
        "labels_quarantined": 1,
        "labels_unmatched": 1,
        "labels_unmatched_sample": ("x",),
        "labels_changed": 0,
        "labelled_by_day": (),
        "expected_labels": None,
        "reasons": {"not_json": 2},
    }


def test_a_record_without_rows_is_a_defect(tables: duckdb.DuckDBPyConnection) -> None:
    tables.execute("DELETE FROM row_outcomes")

    with pytest.raises(
        AccountingError,
        match="5 records were read, but 0 became rows, 1 were duplicates, 2 were not answered and 1 were quar.*defect",
    ):
        count_records(tables, [], "here", "", Window.of_day("2024-03-03"))
