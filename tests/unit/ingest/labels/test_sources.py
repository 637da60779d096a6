"""Every source gives the same labels for the same outcomes; then what each source alone can do."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from captures import one
from daywatch.config.deployment.connections import Connection
from daywatch.config.model.capture import Limits
from daywatch.ingest.labels import files
from daywatch.ingest.labels.source import Sample
from daywatch.ingest.reading.quarantine import Reason
from labelled import Labelled, ReadLabels

# id, label, position, collected: the second of e2 is later and counts, e4 is not of this day.
TRUTHS = (
    ("e1", "1", None, "2024-03-03 13:00:00"),
    ("e2", "0", None, "2024-03-03 14:00:00"),
    ("e2", "1", None, "2024-03-04 09:00:00"),
    ("many", "0", 1, "2024-03-04 10:00:00"),
    ("many", "1", 2, "2024-03-04 10:00:00"),
    ("e4", "1", None, "2024-03-03 15:00:00"),
    ("e3", "1", None, "2024-03-05 00:00:00"),  # after the delay
)


ROWS = {"e1": 1, "e2": 1, "e3": 1, "many": 2}
"""The inferences of the day: event ids and numbers of rows."""


@pytest.fixture
def here(tmp_path: Path) -> Labelled:
    return Labelled(tmp_path)


def by_day() -> dict[str, list[tuple[Any, ...]]]:
    days: dict[str, list[tuple[Any, ...]]] = {}
    for row in TRUTHS:
        days.setdefault(row[3][:10], []).append(row)
    return days


def feedback_lines(
    here: Labelled, inferences: dict[str, int], pack: Callable[[bytes], bytes], ending: str
) -> ReadLabels:
    for day, rows in by_day().items():
        lines = [
            json.dumps({"transaction": {"id": i}, "outcome": label, "n": n, "at": at})
            for i, label, n, at in rows
        ]
        here.write(f"feedback/{day.replace('-', '/')}/x{ending}", pack("\n".join(lines).encode()))
    return here.read(
        {
            "source": "transaction_feedback",
            "prefix": "feedback",
            "delay_days": 1,
            "id": "transaction.id",
            "label": "outcome",
            "row": "n",
            "collected_at": "at",
        },
        inferences,
    )


def values(rows: list[tuple[Any, ...]]) -> str:
    return ", ".join(
        f"('{i}', {label}, {'NULL' if n is None else n}, TIMESTAMP '{at}')" for i, label, n, at in rows
    )


def feedback_parquet(here: Labelled, inferences: dict[str, int]) -> ReadLabels:
    for day, rows in by_day().items():
        query = (
            "SELECT {'id': id} AS transaction, label AS outcome, n, \"at\", 'x' AS request "
            f'FROM (VALUES {values(rows)}) AS t (id, label, n, "at")'
        )
        here.parquet(f"feedback/dt={day}/x.parquet", query)
    return here.read(
        {
            "source": "transaction_feedback",
            "prefix": "feedback",
            "partition": "dt=%Y-%m-%d",
            "delay_days": 1,
            "id": "transaction.id",
            "label": "outcome",
            "row": "n",
            "collected_at": "at",
        },
        inferences,
    )


TABLE = {
    "source": "table",
    "prefix": "t",
    "delay_days": 1,
    "partition": "day=%Y%m%d/hour=%H",
    "id": "The Id",
    "label": "y",
    "row": "n",
    "collected_at": "at",
}


def table_parquet(here: Labelled, inferences: dict[str, int]) -> ReadLabels:
    for day, rows in by_day().items():
        query = f'SELECT id AS "The Id", CAST(y AS DOUBLE) AS y, n, "at" FROM (VALUES {values(rows)}) AS t (id, y, n, "at")'
        here.parquet(f"t/day={day.replace('-', '')}/hour=07/x.parquet", query)
    return here.read(TABLE, inferences)


def table_csv(
    here: Labelled, inferences: dict[str, int], pack: Callable[[bytes], bytes], ending: str
) -> ReadLabels:
    for day, rows in by_day().items():
        lines = ["\ufeffat,y,The Id,n,other"]
        lines += [f'{at},{label},"{i}",{n or ""},"a, ""b""\nc"' for i, label, n, at in rows]
        here.write(f"t/day={day.replace('-', '')}/x{ending}", pack("\r\n".join(lines).encode()))
    return here.read(TABLE, inferences)


def sqlite(here: Labelled, inferences: dict[str, int]) -> ReadLabels:
    file = here.folder / "labels.sqlite"
    file.unlink(missing_ok=True)
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE truth (id TEXT, y INTEGER, n INTEGER, at TEXT)")
        database.executemany("INSERT INTO truth VALUES (?, ?, ?, ?)", TRUTHS)
    database.close()
    query = (
        'SELECT id, y AS label, n AS "row", at AS collected_at FROM truth '
        "WHERE at >= :window_start AND at < :until ORDER BY at"
    )
    connection = Connection(conn_type="sqlite", host=str(file))
    return here.read(
        {"source": "sql", "connection": "truth", "query": query, "delay_days": 1},
        inferences,
        {"truth": connection}.get,
    )


SOURCES: dict[str, Callable[[Labelled, dict[str, int]], ReadLabels]] = {
    "feedback in JSON Lines": lambda *given: feedback_lines(*given, bytes, ".jsonl"),
    "feedback in gzip": lambda *given: feedback_lines(*given, gzip.compress, ".jsonl.gz"),
    "feedback in Parquet": feedback_parquet,
    "a table in Parquet": table_parquet,
    "a table in CSV": lambda *given: table_csv(*given, bytes, ".csv"),
    "a table in CSV and gzip": lambda *given: table_csv(*given, gzip.compress, ".csv.gz"),
    "a query": sqlite,
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_the_same_outcomes_are_the_same_labels(
    here: Labelled, source: Callable[[Labelled, dict[str, int]], ReadLabels]
) -> None:
    found = source(here, ROWS)

    assert found.labels == {
        ("e1", 1): "1",
        ("e2", 1): "1",
        ("e3", 1): None,
        ("many", 1): "0",
        ("many", 2): "1",
    }
    counts = found.counts
    assert (counts.labelled, counts.labels, counts.labels_quarantined) == (4, 5, 0)
    assert (counts.labels_unmatched, counts.labels_unmatched_sample) == (1, ("e4",))
    assert counts.labels_changed == 1
    assert counts.labelled_by_day == (2, 4)
    assert found.bad == []


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_a_day_without_labels(
    here: Labelled, source: Callable[[Labelled, dict[str, int]], ReadLabels]
) -> None:
    """There are labels, and none is of this day's one inference."""
    found = source(here, {"lonely": 1})

    assert found.labels == {("lonely", 1): None}
    assert (found.counts.labelled, found.counts.labels, found.counts.labelled_by_day) == (0, 0, ())


def of_parquet(**columns: list[Any]) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


BAD_FILES: dict[str, tuple[str, bytes, Reason, str]] = {
    "no Parquet": (
        "parquet",
        b"PAR1 nothing PAR1",
        Reason.UNREADABLE,
        "it is no whole Parquet file: Invalid Input Error: Footer length error in file 'it'",
    ),
    "empty Parquet": ("parquet", b"", Reason.UNREADABLE, "no whole Parquet file"),
    "no header": ("csv", b"\xff\xfe\n1,2\n", Reason.UNREADABLE, "its first line is no header"),
    "other columns in Parquet": (
        "parquet",
        of_parquet(id=["e1"], inference_id=["e1"]),
        Reason.UNREADABLE,
        "expected the columns label, but found id, inference_id",
    ),
    "open quote": (
        "csv",
        b'"inference_id,label\ne1,1\n',
        Reason.UNREADABLE,
        "its first line is no header: unexpected end of data",
    ),
    "blank line": (
        "csv",
        b"\ninference_id,label\ne1,1\n",
        Reason.UNREADABLE,
        "expected the columns inference_id, label, but found none",
    ),
    "other columns": (
        "csv",
        b"id,truth\ne1,1\n",
        Reason.UNREADABLE,
        "expected the columns inference_id, label, but found id, truth",
    ),
    "doubled columns": (
        "csv",
        b"inference_id,label,Label\n",
        Reason.UNREADABLE,
        "its header has empty or doubled names",
    ),
    "not UTF-8": ("csv", b"inference_id,label\ne1,\xff\n", Reason.NOT_CSV, "nvalid unicode"),
    "too many values": ("csv", b"inference_id,label\ne1,1,2\n", Reason.NOT_CSV, "olumns"),
    "no id": ("csv", b"inference_id,label\n,1\n", Reason.NO_LABEL, "expected the column inference_id"),
    "cut off": (
        "csv.gz",
        gzip.compress(b"inference_id,label\nnobody,1\n" * 99)[:-9],
        Reason.BROKEN_GZIP,
        "ends in the middle",
    ),
    "damaged": ("csv.gz", b"\x1f\x8bxxxxxxxxxxx", Reason.BROKEN_GZIP, "stream is broken"),
}


def test_bad_files_are_quarantined_and_the_next_is_read(here: Labelled) -> None:
    for name, (ending, content, _, _) in BAD_FILES.items():
        here.write(f"t/2024/03/03/{name}.{ending}", content)
    here.write("t/2024/03/03/the next.csv", b"inference_id,label\ne1,1\ne2,\n")
    for number in range(2):
        content = of_parquet(inference_id=["e3", "many"][number:][:1], label=["1"])
        here.write(f"t/2024/03/03/the next {number}.parquet", content)

    found = here.read({"source": "table", "prefix": "t"}, ROWS)

    assert found.labels["e1", 1] == "1"
    assert found.labels["e2", 1] is None  # not known yet, and no mistake
    assert (found.labels["e3", 1], found.labels["many", 1]) == ("1", "1")
    folder = f"{here.folder}/data/t/2024/03/03"
    assert {(row[0], row[1], row[3]) for row in found.bad} == {
        ("label", f"{folder}/{name}.{ending}", reason) for name, (ending, _, reason, _) in BAD_FILES.items()
    }
    details = {Path(row[1]).name.split(".")[0]: row[4] for row in found.bad}
    for name, (*_, detail) in BAD_FILES.items():
        assert detail in details[name]
    assert not [row for row in found.bad if str(here.folder / "scratch") in row[4]]
    assert found.counts.labels_quarantined == len(found.bad)


def test_each_bad_line_of_a_file_is_quarantined(here: Labelled) -> None:
    lines = b"inference_id,label\ne1,1,2\ne1,1\ne2,1,2,3\ne2\ne3,1\n"
    here.write("t/2024/03/03/a.csv", lines)

    found = here.read({"source": "table", "prefix": "t"}, ROWS)

    assert (found.labels["e1", 1], found.labels["e2", 1], found.labels["e3", 1]) == ("1", None, "1")
    assert [(row[2], row[3], row[5]) for row in found.bad] == [
        (2, Reason.NOT_CSV, "e1,1,2"),
        (4, Reason.NOT_CSV, "e2,1,2,3"),
        (5, Reason.NOT_CSV, "e2"),
    ]


def test_a_file_beyond_the_limits_is_not_read(here: Labelled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "Limits", lambda: Limits(object_megabytes=1))
    rows = 200_000
    here.write(
        "t/2024/03/03/a.parquet", of_parquet(inference_id=[*map(str, range(rows))], label=["1"] * rows)
    )
    here.write("t/2024/03/03/b.parquet", of_parquet(inference_id=["e1"], label=["1"]))
    here.write("t/2024/03/03/c.csv.gz", gzip.compress(b"inference_id,label\n" + b"e2,1\n" * 2 * rows))

    found = here.read({"source": "table", "prefix": "t"}, ROWS)

    assert found.labels["e1", 1] == "1"
    assert [(row[1].rpartition("/")[2], row[3]) for row in found.bad] == [
        ("a.parquet", Reason.TOO_LARGE),
        ("c.csv.gz", Reason.TOO_LARGE),
    ]


def test_a_line_that_is_too_long_is_quarantined(here: Labelled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LONGEST_CSV_LINE", 1000)
    here.write("t/2024/03/03/a.csv", b"inference_id,label\ne1,1\n" + b"x" * 5000 + b",1\n")

    found = here.read({"source": "table", "prefix": "t"}, ROWS)

    assert found.labels["e1", 1] == "1"
    ((_, _, line, reason, detail, excerpt),) = found.bad
    assert (line, reason, excerpt) == (3, Reason.NOT_CSV, "x" * 200)
    assert detail.startswith("Maximum line size of 1000 bytes exceeded")


def test_an_empty_file_has_no_labels(here: Labelled) -> None:
    here.write("t/2024/03/03/a.csv", b"")

    found = here.read({"source": "table", "prefix": "t"}, ROWS)

    assert (found.counts.labels, found.bad) == (0, [])


def test_a_regression_takes_numbers_alone(here: Labelled) -> None:
    here.write("t/2024/03/03/a.csv", b"inference_id,label\ne1,1e3\ne2,late\ne3,nan\nmany,inf\n")
    output = {"task": "regression", "response": ["prediction", "ignore"]}

    found = here.read(
        {"source": "table", "prefix": "t"},
        ROWS,
        output=output,
        plan__rules=[{"metric": "rmse", "red": "> 1"}],
    )

    assert found.labels["e1", 1] == 1000.0
    assert found.labels["e3", 1] is None  # not known yet, and no mistake
    assert sorted(row[5].split(",")[0] for row in found.bad) == ["e2", "many"]
    assert {row[3] for row in found.bad} == {Reason.NO_LABEL}


def test_labels_in_other_words_are_mapped_and_unknown_ones_quarantined(here: Labelled) -> None:
    here.write("t/2024/03/03/a.csv", b"inference_id,label\ne1,yes\ne2,1.0\ne3,perhaps\nmany,n/a\n")

    found = here.read(
        {"source": "table", "prefix": "t", "map": {"yes": 1, "no": "0"}}, ROWS, output__missing_values=["n/a"]
    )

    assert [found.labels[one, 1] for one in ("e1", "e2", "e3", "many")] == ["1", "1", None, None]
    ((_, _, record, reason, detail, _),) = found.bad
    assert (record, reason) == (3, Reason.UNMAPPED_LABEL)
    assert detail == (
        "expected a label that labels.map names, or a class ('yes', 'no', '1', '0'), but received perhaps"
    )


@pytest.mark.parametrize(("words", "more"), [(8, ""), (9, ", ...")])
def test_the_sentence_about_an_unknown_label_names_ten_that_are_known(
    here: Labelled, words: int, more: str
) -> None:
    here.write("t/2024/03/03/a.csv", b"inference_id,label\ne1,w0\ne2,2.50\ne3,perhaps\n")
    known = {f"w{number}": "1" for number in range(words - 1)} | {"2.5": "0"}

    found = here.read({"source": "table", "prefix": "t", "map": known}, ROWS)

    assert (found.labels["e1", 1], found.labels["e2", 1]) == ("1", "0")
    listed = ", ".join(map(repr, [*known, "1", "0"][:10]))
    assert found.bad[0][4] == (
        f"expected a label that labels.map names, or a class ({listed}{more}), but received perhaps"
    )


def test_a_log_of_feedback_may_have_records_and_columns_of_something_else(here: Labelled) -> None:
    labels = {"source": "transaction_feedback", "prefix": "f", "id": "who.id", "label": "y", "row": None}
    here.parquet("f/2024/03/03/a.parquet", "SELECT 1 AS other, 'x' AS more FROM range(2)")
    here.parquet("f/2024/03/03/b.parquet", "SELECT {'id': 'e1'} AS who, 1 AS y, 9 AS other")
    here.parquet("f/2024/03/03/c.parquet", "SELECT {'id': NULL} AS who, 1 AS y, 9 AS other")

    found = here.read(labels, ROWS)

    assert found.labels["e1", 1] == "1"
    ((_, source, record, reason, detail, excerpt),) = found.bad
    assert source.endswith("/c.parquet")
    assert (record, reason, detail) == (1, Reason.NO_LABEL, "expected who.id and a class in y")
    assert excerpt == '{"who":{"id":null},"y":1}'


def test_a_sample_is_the_first_objects_within_its_bounds() -> None:
    sized = [("a", 5), ("b", 3), ("c", 2), ("d", 1)]

    assert Sample(objects=9, bytes=99).of(sized) == ["a", "b", "c", "d"]
    assert Sample(objects=2, bytes=99).of(sized) == ["a", "b"]
    assert Sample(objects=9, bytes=10).of(sized) == ["a", "b", "c"]
    assert Sample(objects=9, bytes=9).of(sized) == ["a", "b"]
    assert Sample(objects=9, bytes=1).of(sized) == ["a"]  # one object whatever its size
    assert Sample(objects=9, bytes=1).of([]) == []


def test_a_label_of_a_row_wins_over_one_of_its_record_and_a_row_that_is_not_there_is_unmatched(
    here: Labelled,
) -> None:
    here.write(
        "t/2024/03/03/a.csv", b"inference_id,label,row\nmany,own,2\nmany,all,\nmany,none,9\nmany,odd,zwei\n"
    )

    found = here.read({"source": "table", "prefix": "t", "row": "row"}, ROWS)

    assert (found.labels["many", 1], found.labels["many", 2]) == ("all", "own")
    assert (found.counts.labels_unmatched, found.counts.labels_unmatched_sample) == (1, ("many",))
    assert [row[4] for row in found.bad] == ["expected a row number from 1, but received zwei"]


def test_of_two_labels_the_one_of_the_later_file_counts_and_equal_ones_are_no_change(here: Labelled) -> None:
    here.write("t/2024/03/03/a.csv", b"inference_id,label\ne2,1\ne1,0\n")
    here.write("t/2024/03/03/b.csv", b"inference_id,label\ne1,1\ne2,1\n")

    found = here.read({"source": "table", "prefix": "t"}, ROWS)

    assert (found.labels["e1", 1], found.labels["e2", 1]) == ("1", "1")
    assert (found.counts.labels, found.counts.labelled, found.counts.labels_changed) == (4, 2, 1)


@pytest.mark.parametrize(
    ("partition", "folders"),
    [
        ("at=%Y%m%d%H", ("at=2024030300", "at=2024030423", "at=2024030500")),
        ("%Y/%m/%d", ("2024/03/03/00", "2024/03/04/any/below", "2024/03/05/00")),
        ("%d.%m.%Y/%H", ("03.03.2024/00", "04.03.2024/23", "05.03.2024/00")),
    ],
)
def test_all_folders_of_the_days_are_read_however_hours_are_named(
    here: Labelled, partition: str, folders: tuple[str, ...]
) -> None:
    for event, folder in zip(("e1", "e2", "e3"), folders, strict=True):
        here.write(f"t/{folder}/a.csv", f"inference_id,label\n{event},1\n".encode())

    found = here.read({"source": "table", "prefix": "t", "delay_days": 1, "partition": partition}, ROWS)

    assert [found.labels[event, 1] for event in ("e1", "e2", "e3")] == ["1", "1", None]


def test_labels_of_other_days_change_nothing(here: Labelled) -> None:
    """What comes later for other windows is no evidence for this one."""
    here.endpoint.raw(b"\n".join(one(event).line() for event in ("e1", "e2")))
    here.write("t/2024/03/03/a.csv", b"inference_id,label\ne1,1\n")
    before = here.export({"source": "table", "prefix": "t"})
    here.write("t/2024/03/04/b.csv", b"inference_id,label\nother,1\n,2\n")
    here.write("t/2024/03/05/b.parquet", b"junk")

    after = here.export({"source": "table", "prefix": "t"})

    assert (after.digest, after.counts) == (before.digest, before.counts)
    here.write("t/2024/03/05/c.csv", b"inference_id,label\ne2,1\n")
    assert here.export({"source": "table", "prefix": "t"}).digest != before.digest


def test_the_sample_of_unmatched_ids_is_short_and_in_order(here: Labelled) -> None:
    lines = "".join(f"{'x' * 300}{n:02},1\n" if n else "<script>,1\n" for n in range(30))
    here.write("t/2024/03/03/a.csv", f"inference_id,label\n{lines}".encode())

    counts = here.read({"source": "table", "prefix": "t"}, ROWS).counts

    assert counts.labels_unmatched == 30
    assert counts.labels_unmatched_sample == ("<script>", "x" * 200)
