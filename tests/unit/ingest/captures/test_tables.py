"""Plain tables: what may stand in Parquet and CSV, and where they may lie."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import models
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from captures import Endpoint, at
from daywatch.ingest.captures import tabular
from daywatch.ingest.reading.quarantine import Reason
from sources import parquet, write_files

Export = Callable[..., Any]

CAPTURE = {"source": "table", "prefix": "t"}
FOLDER = "t/2024/03/03"
ROW = {"amount": 12.5, "items": 3, "member": True, "country": "DE", "prediction": "1", "probability": 0.9}
HEADER = ",".join(ROW)
LINE = "12.5,3,true,DE,1,0.9"


def run(export: Export, day: str = "2024-03-03", **capture: Any) -> Any:
    return export(day, models.model(capture={**CAPTURE, **capture}))


def values(exported: Any) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in ROW) for row in exported.rows]


def put(endpoint: Endpoint, content: bytes | str, name: str = "a.csv") -> None:
    content = content.encode() if isinstance(content, str) else content
    write_files(endpoint.folder, {f"{FOLDER}/{name}": content})


@pytest.mark.parametrize(
    "content",
    [
        f"{HEADER}\n{LINE}\n",
        f"{HEADER}\r\n{LINE}",
        f"\ufeff{HEADER}\n{LINE}\n\n",
        f'{HEADER}\n12.5,3,true,"DE","1",0.9\n',
        f"probability,unused,{HEADER.removesuffix(',probability')}\n0.9,x,12.5,3,true,DE,1\n",
    ],
    ids=["plain", "CRLF", "BOM", "quoted", "other order"],
)
@pytest.mark.parametrize("pack", [str.encode, lambda text: gzip.compress(text.encode())], ids=["csv", "gz"])
def test_csv(endpoint: Endpoint, export: Export, content: str, pack: Callable[[str], bytes]) -> None:
    put(endpoint, pack(content), "a.csv.gz")

    exported = run(export)

    assert values(exported) == [tuple(ROW.values())]
    assert exported.column("inference_time") == [at("2024-03-03", 0)]
    assert exported.column("event_id") == [f"{FOLDER}/a.csv.gz#1"]


def test_quoted_commas_and_newlines(endpoint: Endpoint, export: Export) -> None:
    put(endpoint, f'{HEADER}\n1e5,3,true,"D,\n""E""",1,0.9\nNaN,,false,"",0,Infinity\n')

    assert [str(value) for value in values(run(export))] == [
        "(100000.0, 3, True, 'D,\\n\"E\"', '1', 0.9)",
        "(None, None, False, None, '0', inf)",
    ]


def test_bad_rows_of_csv(endpoint: Endpoint, export: Export) -> None:
    lines = [HEADER, LINE, "1,2,true", f"{LINE},7", LINE, "-,3,true,DE,1,0.9", "1,2,true,D\x00,1,0.9", LINE]
    put(
        endpoint,
        "\n".join(lines).encode() + b"\n1,2,true,\xff,1,0.9\n" + b'1,"x"y,true,DE,1,0.9\n' + LINE.encode(),
    )

    exported = run(export)

    assert len(exported.rows) == 4
    assert exported.reasons == [
        (3, Reason.NOT_A_NUMBER),
        (4, Reason.NUL_CHARACTER),
        (12, Reason.VALUE_COUNT),
        (13, Reason.VALUE_COUNT),
        (14, Reason.NOT_UTF8),
        (15, Reason.NOT_CSV),
    ]
    assert exported.quarantine[2]["detail"] == "line 3: Expected Number of Columns: 6 Found: 3"
    assert exported.quarantine[2]["excerpt"] == "1,2,true"


STRAY = [
    ("a quotation without end", '1,2,true,"DE,1,0.9', 1, 4),
    (
        "a quotation without end before one of two lines",
        f'1,2,true,"DE,1,0.9\n{LINE}\n1,2,true,"D\nE",1,0.9',
        1,
        6,
    ),
    ("two quotations without end", f'1,2,true,"DE,1,0.9\n{LINE}\n1,2,true,"FR,1,0.9', 2, 5),
    ("a quotation without end in the last line", f'{LINE}\n1,2,true,"DE,1,0.9', 1, 5),
    ("a quote within a value", '1,2,true,D"E,1,0.9', 0, 5),
    ("text after a quotation", '1,2,true,"D"E,1,0.9', 1, 4),
    ("a quote within a value, and one without end", '1,2,true,D"E,1,"0.9', 1, 4),
    ("two lines with both", f'1,2,true,"DE,1,0.9\n1,2,true,D"E,1,"0.9\n{LINE}', 2, 5),
    ("spaces around a quotation", '1,2,true, "D,E" ,1,0.9', 0, 5),
    ("a carriage return", "1,2,tr\rue,DE,1,0.9", 1, 4),
    ("a carriage return in quotes", '1,2,true,"D\rE",1,0.9', 0, 5),
    (
        "a carriage return and a quotation without end",
        f'1,2,true,"DE,1,0.9\n1,\r2,true,DE,1,0.9\n{LINE}',
        2,
        5,
    ),
]


@pytest.mark.parametrize(
    ("line", "refused", "rows"), [case[1:] for case in STRAY], ids=[case[0] for case in STRAY]
)
def test_one_stray_character_costs_its_line(
    endpoint: Endpoint, export: Export, line: str, refused: int, rows: int
) -> None:
    """All lines around it are read, wherever they are."""
    put(endpoint, f"{HEADER}\n{LINE}\n{line}\n{LINE}\n{LINE}\n{LINE}\n")

    exported = run(export)

    assert (len(exported.rows), [bad["reason"] for bad in exported.quarantine]) == (
        rows,
        [Reason.NOT_CSV] * refused,
    )
    assert all(bad["detail"].startswith("line ") for bad in exported.quarantine)


def test_line_ends_of_old_programs(endpoint: Endpoint, export: Export) -> None:
    put(endpoint, f"{HEADER}\r{LINE}\r{LINE}\r")

    assert values(run(export)) == [tuple(ROW.values())] * 2


def test_carriage_returns_at_the_ends_of_lines(endpoint: Endpoint, export: Export) -> None:
    """As a program writes that ends lines for Windows twice, with a file that ends within one of them."""
    put(endpoint, f"{HEADER}\r\r\n{LINE}\r\r\n{LINE}\r\n \t\r")

    exported = run(export)

    assert values(exported) == [tuple(ROW.values())] * 2
    assert [bad["reason"] for bad in exported.quarantine] == [Reason.VALUE_COUNT]


def test_a_line_too_long(endpoint: Endpoint, export: Export) -> None:
    put(endpoint, f"{HEADER}\n{LINE}\n1,2,true,{'x' * 1_100_000},1,0.9\n{LINE}\n")

    exported = run(export, limits={"line_megabytes": 1})

    assert (len(exported.rows), exported.reasons) == (2, [(5, Reason.TOO_LONG)])
    assert len(exported.quarantine[0]["excerpt"]) == 200


def test_gzip_cut_off_keeps_what_was_read(endpoint: Endpoint, export: Export) -> None:
    lines = "\n".join([HEADER, *(f"{n},3,true,DE,1,0.{n}" for n in range(5000))])
    put(endpoint, gzip.compress(lines.encode())[:9000], "a.csv.gz")

    exported = run(export)

    assert exported.counts.rows > 1000
    assert exported.quarantine[-1]["reason"] == Reason.BROKEN_GZIP


def test_a_bomb_is_one_record(endpoint: Endpoint, export: Export) -> None:
    put(endpoint, gzip.compress(f"{HEADER}\n".encode() + f"{LINE}\n".encode() * 200_000), "a.csv.gz")

    assert run(export, limits={"object_megabytes": 1}).reasons == [(1, Reason.TOO_LARGE)]


def test_a_table_of_repeated_rows_is_refused(endpoint: Endpoint, export: Export) -> None:
    """A million equal rows are a few kilobytes of Parquet."""
    one = pq.read_table(io.BytesIO(parquet([ROW])))
    details = []
    for limits, rows in (({"object_megabytes": 1}, 1_000_000), ({}, 2_000_000)):
        sink = io.BytesIO()
        pq.write_table(one.take([0] * rows), sink)
        put(endpoint, sink.getvalue(), "a.parquet")
        exported = run(export, limits=limits)
        assert exported.reasons == [(1, Reason.TOO_LARGE)]
        details.append(exported.quarantine[0]["detail"])

    assert len(sink.getvalue()) < 1 << 20
    assert details[0] == "the table has 1,000,000 rows of 6 values, which are more than 1,048,576 bytes"
    assert details[1].startswith("the table has 2,000,000 rows in ")


@pytest.mark.parametrize(
    ("name", "content", "records"),
    [
        ("a.csv", b"", 0),
        ("a.csv", HEADER.encode(), 0),
        ("a.csv", b"\xff\xfe\x00", 1),
        ("a.csv", b'"never ends', 1),
        ("a.csv", b"x" * (2 << 20), 1),
        ("a.parquet", b"", 0),
        ("a.parquet", b"PAR1", 1),
        ("a.parquet", b"not Parquet at all", 1),
        ("a.parquet", parquet([ROW])[:-20], 1),
        ("a.parquet", parquet([ROW])[:60] + b"\x00" * 40 + parquet([ROW])[100:], 1),
        ("a.csv.gz", b"", 0),
        ("a.csv.gz", gzip.compress(b""), 0),
    ],
    ids=[
        "empty CSV",
        "header only",
        "not UTF-8",
        "open quotation",
        "one long line",
        "empty Parquet",
        "magic only",
        "not Parquet",
        "no footer",
        "broken page",
        "empty gzip",
        "gzip of nothing",
    ],
)
def test_what_is_no_table(
    endpoint: Endpoint, export: Export, name: str, content: bytes, records: int
) -> None:
    put(endpoint, content, name)
    put(endpoint, f"{HEADER}\n{LINE}", "good.csv")

    exported = run(export)

    assert values(exported) == [tuple(ROW.values())]
    assert exported.reasons == [(1, Reason.NOT_A_TABLE)] * records
    assert all("object-" not in bad["detail"] for bad in exported.quarantine)


def test_types_of_parquet(endpoint: Endpoint, export: Export) -> None:
    """What a column is stored as does not matter; NULL and NaN are what they are."""
    columns = {
        "amount": pa.array([Decimal("12.50"), None, Decimal("1.00")], pa.decimal128(10, 2)),
        "items": pa.array([3.0, float("nan"), None], pa.float64()),
        "member": pa.array(["true", "false", None], pa.string()),
        "country": pa.array(["DE", None, "FR"]).dictionary_encode(),
        "prediction": pa.array([1, 0, None], pa.int8()),
        "probability": pa.array([0.9, 0.25, 0.5], pa.float64()),
        "unused": pa.array([b"\xff", None, b""], pa.binary()),
    }
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    put(endpoint, sink.getvalue(), "a.parquet")

    exported = run(export)

    assert values(exported) == [tuple(ROW.values()), (None, None, False, None, "0", 0.25)]
    assert exported.reasons == [(3, Reason.NO_PREDICTION)]


HOSTILE = ["one", "line", 'quo"te', "a.b"]


def test_columns_may_have_any_name(endpoint: Endpoint, export: Export) -> None:
    kinds = ("number", "integer", "boolean", "category")
    features = [{"name": n, "type": k} for n, k in zip(HOSTILE, kinds, strict=True)]
    row = dict(zip(HOSTILE, (12.5, 3, True, "DE"), strict=True)) | {"prediction": "1", "probability": 0.9}
    put(endpoint, parquet([row]), "a.parquet")

    (found,) = export(model=models.model(features=features, capture=CAPTURE)).rows

    assert [found[name] for name in HOSTILE] == [12.5, 3, True, "DE"]


def test_nested_columns_by_path(endpoint: Endpoint, export: Export) -> None:
    features = [{**one, "at": f"$.basket.{one['name']}"} for one in models.YAML["features"]]
    answer = {name: ROW[name] for name in ("prediction", "probability")}
    put(endpoint, parquet([{"basket": ROW, **answer}]), "a.parquet")

    assert values(export(model=models.model(features=features, capture=CAPTURE))) == [tuple(ROW.values())]


def test_a_column_that_is_not_there_is_missing(endpoint: Endpoint, export: Export) -> None:
    put(endpoint, "amount,prediction,probability\n1,1,0.5\n")

    assert values(run(export)) == [(1.0, None, None, None, "1", 0.5)]


@pytest.mark.parametrize(
    ("content", "capture", "sentence"),
    [
        (
            f"{HEADER}\n{LINE}".replace(",", ";"),
            {},
            "the table has no column amount, items, member, country, prediction, probability; its columns are: "
            "amount;items;member;country;prediction;probability. Its values seem to be separated by semicolons; "
            "expected commas",
        ),
        (
            "amount,items,predictions,probability\n1,2,1,0.5",
            {},
            "the table has no column member, country, prediction; its columns are: amount, items, predictions, "
            "probability. Is it predictions for prediction?",
        ),
        (
            f"ID,{HEADER}\nx,{LINE}",
            {"id_column": "id"},
            "the table has no column id; its columns are: ID, amount, items, member, country, prediction, probability",
        ),
    ],
    ids=["semicolons", "no prediction", "no id"],
)
def test_a_table_without_a_column_that_it_needs(
    endpoint: Endpoint, export: Export, content: str, capture: dict[str, Any], sentence: str
) -> None:
    """Every row is a record, so that the share of quarantined records is true."""
    put(endpoint, f"{content}\n{content.rpartition(chr(10))[2]}\n")

    exported = run(export, **capture)

    assert exported.reasons == [(1, Reason.NO_COLUMN), (2, Reason.NO_COLUMN)]
    assert [bad["detail"] for bad in exported.quarantine] == [sentence] * 2


def test_a_table_in_utf_16(endpoint: Endpoint, export: Export) -> None:
    put(endpoint, f"{HEADER}\n{LINE}\n".encode("utf-16"))

    exported = run(export)

    assert exported.reasons == [(1, Reason.NOT_A_TABLE)]
    assert exported.quarantine[0]["detail"] == "the object is text in UTF-16; expected UTF-8"


@pytest.mark.parametrize("kind", [pa.decimal128(3, 3), pa.decimal128(38, 38)], ids=str)
def test_decimals_without_digits_before_the_point(
    endpoint: Endpoint, export: Export, kind: pa.DataType
) -> None:
    """DuckDB writes them as JSON that is none."""
    row = {**ROW, "amount": Decimal("-0.5"), "probability": Decimal("0.25")}
    table = pa.Table.from_pylist([row])
    for name in ("amount", "probability"):
        table = table.set_column(table.column_names.index(name), name, pa.array([row[name]], kind))
    sink = io.BytesIO()
    pq.write_table(table, sink)
    put(endpoint, sink.getvalue(), "a.parquet")

    assert values(run(export)) == [(-0.5, 3, True, "DE", "1", 0.25)]


def test_ids_and_times_of_columns(endpoint: Endpoint, export: Export) -> None:
    moment = datetime(2024, 3, 3, 9, 30, tzinfo=UTC)
    rows = [{"id": i, "at": at_, **ROW} for i, at_ in ((7, moment), (7, moment), (None, moment), (8, None))]
    put(endpoint, parquet(rows), "a.parquet")

    exported = run(export, id_column="id", time_column="at")

    assert exported.column("inference_id") == ["7", None]
    assert exported.column("event_id") == ["7", f"{FOLDER}/a.parquet#3"]
    assert exported.column("inference_time") == [moment, moment]
    assert exported.counts.duplicates == 1
    assert exported.reasons == [(4, Reason.NO_TIME)]
    assert exported.quarantine[0]["detail"] == "expected a time in the column at"


@pytest.mark.parametrize(
    ("partition", "key", "found"),
    [
        ("%Y/%m/%d", "t/2024/03/03/deep/er/a.csv", True),
        ("%Y/%m/%d", "t/2024/03/033/a.csv", False),
        ("%Y/%m/%d", "t/2024/03/03.csv", False),
        ("%Y/%m/%d", "t/2024/03/04/a.csv", False),
        ("%Y/%m/%d", "t/2024/03/03/a.txt", False),
        ("dt=%Y-%m-%d", "t/dt=2024-03-03/a.csv", True),
        ("dt=%Y-%m-%d/hour=%H", "t/dt=2024-03-03/hour=07/a.csv", True),
        ("%Y/%m/%d/*.csv", "t/2024/03/03/a.csv", True),
        ("%Y/%m/shop-%d*.csv", "t/2024/03/shop-03.csv", True),
        ("shop_%Y%m%d*", "t/shop_20240303_2.csv", True),
        ("shop_%Y%m%d*", "t/shop_20240302_2.csv", False),
        ("%Y%m%d%H", "t/2024030323/a.csv", True),
    ],
)
def test_where_tables_may_lie(
    endpoint: Endpoint, export: Export, partition: str, key: str, found: bool
) -> None:
    write_files(endpoint.folder, {key: f"{HEADER}\n{LINE}".encode()})

    assert len(run(export, partition=partition).rows) == found


@pytest.mark.parametrize("hidden", ["file_row_number", "other"])
@pytest.mark.parametrize("broken", [False, True])
def test_many_small_tables(endpoint: Endpoint, export: Export, hidden: str, broken: bool) -> None:
    """Read together or, where one of them cannot be read, one by one: the rows are the same, in the same order."""
    files = [
        parquet([{**ROW, "amount": 10.0 * n + row, hidden: 7, "note": "x" * 300} for row in range(2)])
        for n in range(6)
    ]
    if broken:
        files[3] = files[3][:60] + b"\x00" * 200 + files[3][260:]
    for n, content in enumerate(files):
        put(endpoint, content, f"{n}.parquet")

    exported = run(export)

    readable = [n for n in range(6) if not (broken and n == 3)]
    assert sorted((row["source_key"], row["source_record"], row["amount"]) for row in exported.rows) == [
        (f"{FOLDER}/{n}.parquet", row + 1, 10.0 * n + row) for n in readable for row in range(2)
    ]
    assert {row["event_id"] for row in exported.rows} >= {f"{FOLDER}/5.parquet#1", f"{FOLDER}/5.parquet#2"}
    assert exported.reasons == ([(1, Reason.NOT_A_TABLE)] if broken else [])


@pytest.mark.parametrize("hidden", ["file_row_number", "other"])
def test_a_large_table_is_read_in_parts(
    endpoint: Endpoint, export: Export, monkeypatch: pytest.MonkeyPatch, hidden: str
) -> None:
    """The rows are those of the whole table, in its order, each with its own number."""
    rows: list[dict[str, Any]] = [{**ROW, "amount": float(n), hidden: n} for n in range(1_003)]
    rows[700]["prediction"] = None
    put(endpoint, parquet(rows), "a.parquet")
    monkeypatch.setattr(tabular, "PART_ROWS", 200)

    exported = run(export)

    written = pq.read_table(io.BytesIO(exported.contents[0])).select(["source_record", "amount"]).to_pylist()
    assert [(one["source_record"], one["amount"]) for one in written] == [
        (n + 1, float(n)) for n in range(1_003) if n != 700
    ]
    assert [(bad["record"], bad["reason"]) for bad in exported.quarantine] == [(701, Reason.NO_PREDICTION)]
