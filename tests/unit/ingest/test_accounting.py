"""Nothing may be lost between reading and storing; if it is, nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import models
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from daywatch.engine.duck import duckdb_in
from daywatch.errors import AccountingError
from daywatch.ingest.accounting import count_records
from daywatch.ingest.export_counts import ExportCounts
from daywatch.storage import StoredObject
from daywatch.window import Window


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Five records: one with three rows, one of them bad, one record bad, one seen twice, two that failed; three labels."""
    with duckdb_in(tmp_path) as connection:
        connection.execute("""
            CREATE TABLE records AS FROM (VALUES
                (0, 1, NULL, NULL, true, false, 3, 'text/html as json'), (0, 2, 'not_json', 'failed', false, true, 1, NULL),
                (0, 3, 'duplicate', 'succeeded', true, false, 1, NULL), (0, 4, NULL, 'failed', false, false, 1, NULL),
                (0, 5, NULL, 'timeout', false, false, 1, NULL))
                AS t(object, record, reason, status, is_answered, is_whole, rows_in_record, guessed);
            CREATE TABLE read_records AS SELECT object, record FROM records;
            ALTER TABLE records ADD COLUMN extra_names VARCHAR[];
            ALTER TABLE records ADD COLUMN is_filtered BOOLEAN DEFAULT false;
            UPDATE records SET extra_names = CASE record WHEN 1 THEN ['discount', 'basket'] WHEN 2 THEN ['basket'] ELSE [] END
                WHERE record < 4;
            CREATE TABLE row_outcomes AS FROM (VALUES
                (0, 1, 1, 3, false, false, true, false, [0, 2]), (0, 1, 2, 3, true, true, true, false, [0]),
                (0, 1, 3, 3, true, true, true, false, NULL), (0, 2, 1, 1, false, false, false, true, NULL))
                AS t(object, record, row_in_record, rows_in_record, kept, readable, is_answered, is_whole, misfits);
            ALTER TABLE row_outcomes ADD COLUMN counts BOOLEAN DEFAULT true;
            INSERT INTO row_outcomes VALUES
                (0, 3, 1, 1, false, false, true, false, [0], false), (0, 5, 1, 1, false, false, false, false, NULL, true);
            CREATE TABLE label_records AS FROM (VALUES ('a', NULL, true), (NULL, 'not_json', false), ('x', NULL, false))
                AS t(id, reason, is_known);
            CREATE TABLE labels AS FROM (VALUES ('a', 0)) AS t(id, row_in_record);
            CREATE TABLE row_labels AS FROM (VALUES ('a', '1', NULL::TIMESTAMPTZ, false, 0), ('a', '1', NULL, false, 0))
                AS t(id, label, collected_at, changed, labelled_row);
        """)
        yield connection


QUARANTINE = (("capture", "not_a_number", 1), ("capture", "not_json", None), ("label", "not_json", None))


def count(tables: duckdb.DuckDBPyConnection, folder: Path, quarantine: Any = QUARANTINE) -> ExportCounts:
    """Count, with a quarantine file of these kinds, reasons and rows."""
    file = folder / "quarantine.parquet"
    columns = zip(("kind", "reason", "row_in_record"), zip(*quarantine, strict=True), strict=True)
    pq.write_table(pa.table({name: list(values) for name, values in columns}), file)
    objects = [StoredObject("k", 7), StoredObject("l", 5)]
    return count_records(tables, models.model(), file, objects, "here", "there", Window.of_day("2024-03-03"))


def test_the_counts(tables: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    counts = count(tables, tmp_path)

    assert counts.model_dump() == {
        "source": "here",
        "label_source": "there",
        "label_folders": "",
        "unlabelled_id": "",
        "objects": 2,
        "bytes": 12,
        "filtered": 0,
        "concentrations": (),
        "versions": {},
        "version_baselines": {},
        "records": 5,
        "exported": 1,
        "quarantined": 1,
        "duplicates": 1,
        "unanswered": 2,
        "rows": 2,
        "rows_read": 3,
        "rows_quarantined": 1,
        "labelled": 2,
        "labels": 2,
        "labels_quarantined": 1,
        "labels_unmatched": 1,
        "labels_unmatched_sample": ("x",),
        "labels_changed": 0,
        "labelled_by_day": (),
        "reasons": {"not_a_number": 1, "not_json": 2},
        "quarantine": (),
        "type_mismatches": {"amount": 2, "member": 1},
        "guessed_payloads": ({"payload": "text/html as json", "records": 1},),
        "named_records": 3,
        "extra_names": 2,
        "extra_columns": ({"name": "basket", "records": 2}, {"name": "discount", "records": 1}),
    }
    assert counts.quarantined_share == 1 / 3


def test_the_most_frequent_come_first(tables: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    tables.execute("UPDATE records SET guessed = CASE WHEN record = 1 THEN 'a' ELSE 'z' END")
    tables.execute("UPDATE records SET extra_names = CASE WHEN record = 1 THEN ['a', 'z'] ELSE ['z'] END")

    counts = count(tables, tmp_path)

    assert [(one.payload, one.records) for one in counts.guessed_payloads] == [("z", 4), ("a", 1)]
    assert [(one.name, one.records) for one in counts.extra_columns] == [("z", 5), ("a", 1)]


def test_twenty_names_are_listed_and_all_are_counted(
    tables: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    tables.execute("UPDATE records SET extra_names = NULL, guessed = NULL")
    assert count(tables, tmp_path).extra_names == 0
    tables.execute("DROP TABLE unmatched_labels")
    names = [f"{number:02}" for number in range(21)]
    tables.execute("UPDATE records SET extra_names = $names WHERE record = 1", {"names": names})

    counts = count(tables, tmp_path)

    assert (counts.named_records, counts.extra_names) == (1, 21)
    assert [one.name for one in counts.extra_columns] == names[:20]
    assert counts.guessed_payloads == ()


@pytest.mark.parametrize(
    ("defect", "sentence"),
    [
        (
            "DELETE FROM row_outcomes",
            "5 records were read, but 0 became rows, 1 were duplicates, 2 were not answered, 1 were quar.*defect",
        ),
        ("DELETE FROM records WHERE record = 1", "5 records were read, but 1 became rows"),
        ("DELETE FROM records WHERE record = 3", "5 records were read, but 1 became rows, 0 were duplicates"),
        (
            "INSERT INTO records SELECT * FROM records WHERE record = 5",
            "5 records were read, but 1 became rows, 1 were duplicates, 3 were not answered, 1 were quar",
        ),
        ("UPDATE records SET status = 'failed' WHERE record = 1", "5 records were read, but 1 became rows"),
        (
            "UPDATE records SET rows_in_record = 4 WHERE record = 1",
            "4 rows were read, but 2 were exported and 1 quarantined. This is a defect",
        ),
        ("DELETE FROM row_outcomes WHERE row_in_record = 3", "3 rows were read, but 1 were exported and 1"),
    ],
)
def test_what_is_lost_is_a_defect(
    tables: duckdb.DuckDBPyConnection, tmp_path: Path, defect: str, sentence: str
) -> None:
    tables.execute(defect)

    with pytest.raises(AccountingError, match=sentence):
        count(tables, tmp_path)


@pytest.mark.parametrize(
    "quarantine",
    [
        QUARANTINE[1:],
        (*QUARANTINE, ("capture", "not_a_number", 2)),
        (*QUARANTINE, ("capture", "not_json", None)),
    ],
)
def test_a_quarantine_of_something_else_is_a_defect(
    tables: duckdb.DuckDBPyConnection, tmp_path: Path, quarantine: Any
) -> None:
    with pytest.raises(
        AccountingError, match="1 records and 1 rows were quarantined, but the quarantine has"
    ):
        count(tables, tmp_path, quarantine)
