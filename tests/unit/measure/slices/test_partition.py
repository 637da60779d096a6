"""Which rows belong to which slices: chosen on the baseline, whatever the window holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from daywatch.measure.columns.measured_columns import measured_columns
from daywatch.measure.columns.tables import Side, open_tables
from daywatch.measure.slices.partition import Partition, read_partitions

FEATURES = {
    "origin": "category",
    "carrier": "category",
    "hour": "integer",
    "late": "boolean",
    "delay": "number",
}
Columns = dict[str, list[Any]]
Partitions = Callable[..., list[Partition]]


@pytest.fixture
def partitions(model_of: Callable[..., Any], parquet: Callable[..., Path], tmp_path: Path) -> Partitions:
    """Return a function that partitions two sides."""

    def run(slices: list[dict[str, Any]], baseline: Columns, window: Columns) -> list[Partition]:
        model = model_of(FEATURES, slices=slices)
        files = [parquet(name, model, columns) for name, columns in (("r", baseline), ("c", window))]
        with open_tables(files[0], files[1], measured_columns(model), tmp_path) as tables:
            return read_partitions(tables, model)

    return run


def members(partition: Partition, side: Side = Side.WINDOW) -> dict[str, list[int]]:
    """Positions by slice; those without rows are left out."""
    parts = partition.index[side].positions
    return {name: part.tolist() for name, part in zip(partition.names, parts, strict=True) if len(part)}


def test_the_frequent_values_are_those_of_the_baseline(partitions: Partitions) -> None:
    baseline = {"origin": ["JFK"] * 3 + ["EWR"] * 2 + ["LGA"]}
    window = {"origin": ["LGA", "LGA", "LGA", "EWR", "JFK", "SWF", None]}
    (partition,) = partitions([{"by": "origin", "top": 2}], baseline, window)
    assert members(partition) == {
        "origin=JFK": [4],
        "origin=EWR": [3],
        "origin=(other)": [0, 1, 2, 5],
        "origin=(missing)": [6],
    }
    assert members(partition, Side.BASELINE) == {
        "origin=JFK": [0, 1, 2],
        "origin=EWR": [3, 4],
        "origin=(other)": [5],
    }


def test_equally_frequent_values_come_by_name(partitions: Partitions) -> None:
    (partition,) = partitions([{"by": "origin", "top": 2}], {"origin": ["c", "b", "a"]}, {"origin": []})
    assert partition.names == ("origin=a", "origin=b", "origin=(other)", "origin=(missing)")


def test_two_columns_crossed(partitions: Partitions) -> None:
    baseline = {"origin": ["JFK", "JFK", "EWR", "EWR", "EWR"], "carrier": ["B6", "B6", "UA", "B6", None]}
    window = {"origin": ["EWR", "JFK", "JFK", None, "EWR"], "carrier": ["UA", "B6", "UA", "B6", "B6"]}
    (partition,) = partitions([{"by": ["origin", "carrier"], "top": 2}], baseline, window)
    assert members(partition) == {
        "origin=JFK & carrier=B6": [1],
        "origin=EWR & carrier=B6": [4],
        "origin & carrier=(other)": [0, 2],
        "origin & carrier=(missing)": [3],
    }


def test_pairs_of_values_stay_apart_wherever_one_ends(partitions: Partitions) -> None:
    pairs = [("1:a", "b"), ("1", ":ab"), ("1:ab", ""), ("a b", "c"), ("a", " bc")]
    both = {"origin": [a for a, _ in pairs], "carrier": [b for _, b in pairs]}
    (partition,) = partitions([{"by": ["origin", "carrier"], "top": 9}], both, both)
    assert sorted(rows for rows in members(partition).values()) == [[0], [1], [2], [3], [4]]


def test_numbers_and_truth_values_are_values_too(partitions: Partitions) -> None:
    both = {"hour": [7, 7, 23], "late": [True, False, True]}
    hours, late = partitions([{"by": "hour"}, {"by": "late"}], both, both)
    assert members(hours) == {"hour=7": [0, 1], "hour=23": [2]}
    assert members(late) == {"late=true": [0, 2], "late=false": [1]}


def test_by_expression(partitions: Partitions) -> None:
    window = {
        "delay": [5.0, 50.0, None, float("nan"), 60.0],
        "late": [True, True, True, True, False],
        "hour": [1, 9_223_372_036_854_775_807, 1, 1, 1],
        "prediction": ["1", "1", "0", "1", "1"],
        "probability": [0.9, 0.2, 0.9, 0.9, 0.9],
    }
    found = partitions(
        [
            {"name": "slow", "where": "delay > 40 AND late -- by much"},
            {"name": "sure", "where": "prediction = '1' and probability >= 0.9"},
            {"name": "large", "where": "hour * hour > 0"},
        ],
        {"delay": [100.0]},
        window,
    )
    # SQL orders NaN above all numbers; a product that is too large is no product; NULL is not true.
    assert [members(partition) for partition in found] == [
        {"slow": [1, 3]},
        {"sure": [0, 3, 4]},
        {"large": [0, 2, 3, 4]},
    ]


@pytest.mark.parametrize("values", [[], [None, None]])
def test_a_baseline_without_a_value(partitions: Partitions, values: list[None]) -> None:
    (partition,) = partitions([{"by": "origin"}], {"origin": values}, {"origin": ["JFK", None]})
    assert members(partition) == {"origin=(other)": [0], "origin=(missing)": [1]}


def test_a_window_without_the_column_and_one_without_rows(partitions: Partitions) -> None:
    (partition,) = partitions([{"by": "origin"}], {"origin": ["JFK"]}, {"carrier": ["B6", "B6"]})
    assert members(partition) == {"origin=(missing)": [0, 1]}
    (partition,) = partitions([{"by": "origin"}], {"origin": ["JFK"]}, {"origin": []})
    assert members(partition) == {}


def test_hostile_values_have_harmless_names_and_none_the_same(partitions: Partitions) -> None:
    hostile = [
        "x" * 500,
        "x" * 499 + "y",
        "a\nb",
        "a\u202eb",
        "",
        "(other)",
        "(missing)",
        "(empty)",
        "'; DROP TABLE baseline; --",
        '" & carrier=(other)',
        "JFK & carrier=B6",
        "<script>",
        "\x00",
        "\x01",
    ]
    both = {"origin": hostile, "carrier": hostile}
    alone, crossed = partitions(
        [{"by": "origin", "top": 20}, {"by": ["origin", "carrier"], "top": 20}], both, both
    )
    assert sorted(row for (row,) in members(alone).values()) == list(range(len(hostile)))
    assert sorted(row for (row,) in members(crossed).values()) == list(range(len(hostile)))
    names = [*alone.names, *crossed.names]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 250
    assert all(name.isprintable() for name in names)


def test_two_slice_definitions_never_share_a_name(partitions: Partitions) -> None:
    both = {"origin": ["JFK & carrier=B6", "JFK"], "carrier": ["B6", "B6"]}
    alone, crossed = partitions([{"by": "origin"}, {"by": ["origin", "carrier"]}], both, both)
    assert "origin=JFK & carrier=B6" in alone.names
    assert "origin=JFK & carrier=B6 (2)" in crossed.names
