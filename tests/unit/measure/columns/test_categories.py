"""New and vanished categories."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from daywatch.measure.columns.categories import category_findings
from daywatch.measure.columns.counts import count_columns
from daywatch.measure.columns.measured_columns import measured_columns
from daywatch.measure.columns.tables import open_tables
from daywatch.results import Finding
from daywatch.text import shown

FEATURES = {"carrier": "category", "late": "boolean"}


@pytest.fixture
def findings(
    tmp_path: Path, parquet: Callable[..., Path], model_of: Callable[..., Any]
) -> Callable[..., list[Finding]]:
    """Return a function that compares two lists of values of the column ``carrier``."""

    def run(baseline: list[Any], window: list[Any], column: str = "carrier") -> list[Finding]:
        model = model_of(FEATURES)
        files = parquet("a", model, {column: baseline}), parquet("b", model, {column: window})
        with open_tables(*files, measured_columns(model), tmp_path) as tables:
            counts = count_columns(tables)
            (measured,) = (each for each in tables.columns if each.name == column)
            return category_findings(tables, measured, counts)

    return run


def test_new_and_vanished_are_named_with_counts(findings: Callable[..., list[Finding]]) -> None:
    baseline, window = ["AA", "AA", "UA", None], ["AA", "ZZ", "ZZ", "É'\"", None]
    new, vanished = findings(baseline * 5, window * 5)
    assert (new.code, new.column, new.count) == ("new_category", "carrier", 15)
    assert new.detail == "2 categories that the baseline does not have, in 15 rows: 'ZZ' (10), 'É'\"' (5)"
    assert (vanished.code, vanished.count) == ("vanished_category", 5)
    assert vanished.detail == "1 category of the baseline not seen, 5 rows there: 'UA' (5)"


@pytest.mark.parametrize(("rows", "missed"), [(50, True), (49, False)])
def test_a_category_is_missed_only_if_the_window_should_have_five_rows_of_it(
    findings: Callable[..., list[Finding]], rows: int, missed: bool
) -> None:
    found = findings(["AA"] * 900 + ["UA"] * 100, ["AA"] * rows)

    assert [one.code for one in found] == ["vanished_category"] * missed


def test_at_most_ten_are_named_the_most_frequent_first(findings: Callable[..., list[Finding]]) -> None:
    values = [f"k{number:02d}" for number in range(13) for _ in range(number + 1)]
    (new,) = findings(["AA"], ["AA", *values])
    assert new.count == len(values)
    assert "13 categories" in new.detail
    assert new.detail.endswith("'k03' (4) and 3 more")


def test_a_new_class_in_the_labels_is_named_and_a_missing_one_may_still_come(
    findings: Callable[..., list[Finding]],
) -> None:
    (new,) = findings(["0", "1", None], ["0", "maybe", None], column="label")
    assert (new.code, new.column, new.count) == ("new_category", "label", 1)
    assert new.detail == "1 class that the baseline does not have, in 1 rows: 'maybe' (1)"


def test_booleans_have_categories_too(findings: Callable[..., list[Finding]]) -> None:
    (new,) = findings([True, True], [True, False], column="late")
    assert "'false' (1)" in new.detail


@pytest.mark.parametrize(
    ("baseline", "window"), [([None], ["AA"]), (["AA"], [None]), ([], ["AA"]), (["AA"], [])]
)
def test_nothing_to_compare_with_is_no_new_category(
    findings: Callable[..., list[Finding]], baseline: list[Any], window: list[Any]
) -> None:
    assert findings(baseline, window) == []


def test_shown_values_are_short_and_printable() -> None:
    assert (
        shown("a\nb\x00\u202ec")
        == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}c"
    )
    assert len(shown("x" * 500)) == 80
    assert shown("größe") == "größe"
