"""Labels counted by outcome, on small tables."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from daywatch.ingest.labels.counts import LabelCounts, count_labels
from daywatch.window import Window

DAY = Window.of_day("2024-03-03")


@pytest.fixture
def tables() -> Iterator[duckdb.DuckDBPyConnection]:
    """Three inferences, one of which is not kept; no labels."""
    with duckdb.connect() as connection:
        connection.execute("""
            SET TimeZone = 'UTC';
            CREATE TABLE row_outcomes AS FROM (VALUES ('a', 'z', true), (NULL, 'd', true), (NULL, 'c', false))
                AS t(inference_id, event_id, kept);
            CREATE TABLE label_records (id VARCHAR, reason VARCHAR, is_known BOOLEAN);
            CREATE TABLE labels (id VARCHAR, row_in_record INTEGER);
            CREATE TABLE row_labels
                (id VARCHAR, label VARCHAR, collected_at TIMESTAMPTZ, changed BOOLEAN, labelled_row INTEGER);
        """)
        yield connection


def label(tables: duckdb.DuckDBPyConnection, identity: str, collected: str | None, row: int = 0) -> None:
    """Add a known label of an inference of the window."""
    tables.execute("INSERT INTO label_records VALUES (?, NULL, true)", [identity])
    tables.execute("INSERT INTO labels VALUES (?, ?)", [identity, row])
    tables.execute("INSERT INTO row_labels VALUES (?, '1', ?, false, ?)", [identity, collected, row])


def test_without_labels_the_first_id_of_an_inference_is_named(tables: duckdb.DuckDBPyConnection) -> None:
    assert count_labels(tables, DAY) == LabelCounts(labels=0, labels_quarantined=0, unlabelled_id="a")

    tables.execute("UPDATE row_outcomes SET inference_id = repeat('a', 300) WHERE inference_id = 'a'")
    tables.execute("DROP TABLE unmatched_labels")
    assert count_labels(tables, DAY).unlabelled_id == "a" * 200


def test_no_rows_have_no_id(tables: duckdb.DuckDBPyConnection) -> None:
    tables.execute("UPDATE row_outcomes SET kept = false")

    assert count_labels(tables, DAY).unlabelled_id == ""


def test_labels_are_cumulated_from_the_last_day_of_the_window_on(tables: duckdb.DuckDBPyConnection) -> None:
    """What was collected before counts on that day: a clock may be wrong."""
    for identity, collected in (
        ("a", "2024-03-01 10:00+00"),
        ("b", "2024-03-03 23:59+00"),
        ("c", "2024-03-05 00:00+00"),
    ):
        label(tables, identity, collected)

    counts = count_labels(tables, DAY)

    assert (counts.labelled, counts.labelled_by_day, counts.unlabelled_id) == (3, (2, 2, 3), "")


def test_a_label_whose_day_is_not_known_leaves_no_curve(tables: duckdb.DuckDBPyConnection) -> None:
    label(tables, "a", "2024-03-03 10:00+00")
    label(tables, "d", None)

    counts = count_labels(tables, DAY)

    assert (counts.labelled, counts.labelled_by_day) == (2, ())


def test_labels_that_match_nothing(tables: duckdb.DuckDBPyConnection) -> None:
    """Of no inference, or of a row that its record does not have; quarantined ones are counted apart."""
    label(tables, "a", None, row=1)
    tables.execute("INSERT INTO labels VALUES ('a', 9), ('a', 0)")
    tables.execute("""
        INSERT INTO label_records VALUES ('x', NULL, false), ('x', NULL, false), ('bad', 'no_label', false),
            (repeat('y', 300), NULL, false)
    """)

    counts = count_labels(tables, DAY)

    assert (counts.labels, counts.labels_quarantined, counts.labels_unmatched) == (2, 1, 4)
    assert counts.labels_unmatched_sample == ("a", "x", "y" * 200)


def test_the_sample_has_twenty_ids(tables: duckdb.DuckDBPyConnection) -> None:
    tables.execute("INSERT INTO label_records SELECT format('{:02}', n), NULL, false FROM range(30) AS t(n)")

    counts = count_labels(tables, DAY)

    assert counts.labels_unmatched_sample == tuple(f"{number:02}" for number in range(20))
