"""Which columns are worst, and their bars."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from daywatch.config.model.columns import ColumnType
from daywatch.report.columns import CATEGORY_BARS, worst_columns
from daywatch.results import Metric


@dataclass(frozen=True)
class Frequency:
    value: str
    count: int


@dataclass(frozen=True)
class Column:
    """The shape of daywatch.profiles.profile.ColumnProfile, as far as it is read."""

    type: ColumnType = ColumnType.NUMBER
    present: bool = True
    count: int = 100
    nulls: int = 0
    non_finite: int = 0
    mean: float | None = None
    std: float | None = None
    edges: tuple[float, ...] = ()
    histogram: tuple[int, ...] = ()
    underflow: int = 0
    overflow: int = 0
    frequent: tuple[Frequency, ...] = ()
    other: int = 0

    @property
    def rows(self) -> int:
        return self.count + self.nulls + self.non_finite


@dataclass(frozen=True)
class Columns:
    columns: dict[str, Column]

    def column(self, name: str) -> Column | None:
        return self.columns.get(name)


def drift(
    column: str, value: float | None, threshold: float, alert: bool | None = True, method: str = "psi"
) -> Metric:
    return Metric(
        name="drift_score", column=column, value=value, threshold=threshold, method=method, alert=alert
    )


def same(*names: str) -> Columns:
    return Columns({name: Column() for name in names})


def names_of(metrics: list[Metric], baseline: Columns, current: Columns, limit: int = 3) -> list[str]:
    return [column.column for column in worst_columns(metrics, baseline, current, limit=limit)]


def test_distances_rank_by_their_ratio_to_the_threshold() -> None:
    metrics = [drift("a", 0.3, 0.1), drift("b", 0.5, 0.4), drift("c", 0.9, 0.1), drift("d", 0.01, 0.1, False)]
    assert names_of(metrics, same(*"abcd"), same(*"abcd"), limit=4) == ["c", "a", "b"]


def test_p_values_rank_by_how_far_they_fall_below() -> None:
    p_values = [("a", 0.04), ("b", 1e-12), ("c", 0.0)]
    metrics = [*(drift(name, p, 0.05, method="ks") for name, p in p_values), drift("d", 0.3, 0.1)]
    assert names_of(metrics, same(*"abcd"), same(*"abcd"), limit=4) == ["c", "b", "d", "a"]


def test_columns_without_a_value_come_first() -> None:
    current = Columns({"a": Column(), "b": Column(count=0, nulls=100), "c": Column(count=0, present=False)})
    metrics = [drift("a", 9.0, 0.1), drift("b", None, 0.1, None), drift("c", None, 0.1, None)]
    found = worst_columns(metrics, same("a", "b", "c"), current)
    assert [column.column for column in found] == ["b", "c", "a"]
    assert found[0].sentence == "All of 100 values are missing, 0 % in the baseline."
    assert found[1].sentence == "The column is missing from this window."


def test_column_that_was_always_empty_is_no_news() -> None:
    empty = Columns({"a": Column(count=0, nulls=100)})
    assert names_of([drift("a", None, 0.1, None)], empty, empty) == []


def test_any_alert_of_a_column_counts() -> None:
    metrics = [Metric(name="null_share", column="a", value=0.5, threshold=0.05, alert=True)]
    found = worst_columns(metrics, same("a"), Columns({"a": Column(count=50, nulls=50)}))
    assert [(column.column, column.score) for column in found] == [("a", None)]


@pytest.mark.parametrize("order", [1, -1])
def test_ties_are_broken_by_name_whatever_the_order(order: int) -> None:
    metrics = [drift(name, 0.2, 0.1) for name in "abcd"][::order]
    assert names_of(metrics, same(*"abcd"), same(*"abcd")) == ["a", "b", "c"]


def test_slices_and_whole_window_metrics_are_not_columns() -> None:
    metrics = [
        drift("a", 0.2, 0.1).model_copy(update={"slice": "origin=JFK"}),
        Metric(name="drifted_share", value=0.9, threshold=0.5, alert=True),
    ]
    assert names_of(metrics, same("a"), same("a")) == []


def test_zero_threshold_is_no_division() -> None:
    assert names_of([drift("a", 0.2, 0.0)], same("a"), same("a")) == ["a"]


def test_numeric_bars_are_shares_of_all_rows_on_merged_bins() -> None:
    edges = tuple(float(i) for i in range(21))
    baseline = Column(count=80, nulls=20, mean=5.0, edges=edges, histogram=(4,) * 20)
    current = Column(count=40, nulls=60, mean=7.5, edges=edges, histogram=(1,) * 20, overflow=20)
    found = worst_columns([drift("a", 0.2, 0.1)], Columns({"a": baseline}), Columns({"a": current}))[0]
    assert found.baseline_bars[0] == ("0 to 2", 0.08)
    assert found.current_bars[0] == ("0 to 2", 0.02)
    assert found.current_bars[-2:] == (("above 20", 0.2), ("missing", 0.6))
    assert len(found.baseline_bars) == 12
    for bars in (found.baseline_bars, found.current_bars):
        assert sum(share for _, share in bars) == pytest.approx(1)
    assert (
        found.sentence
        == "60.0 % of the values are missing, 20.0 % in the baseline. Mean 7.5, 5.0 in the baseline."
    )


def test_category_bars_hold_the_largest_of_either_and_the_rest() -> None:
    kind = ColumnType.CATEGORY
    baseline = Column(kind, frequent=tuple(Frequency(f"v{i}", 10) for i in range(9)), other=10)
    current = Column(kind, frequent=(Frequency("new", 70), Frequency("v0", 20), Frequency("", 10)))
    found = worst_columns([drift("a", 0.2, 0.1)], Columns({"a": baseline}), Columns({"a": current}))[0]
    labels = [label for label, _ in found.current_bars]
    assert labels == ["new", "v0", "(empty text)", "v1", "v2", "v3", "v4", "other values"]
    assert len(labels) == CATEGORY_BARS + 1
    for bars in (found.baseline_bars, found.current_bars):
        assert sum(share for _, share in bars) == pytest.approx(1)
    assert found.sentence == "Largest change: new, 70.0 % of the rows, 0 % in the baseline."


def test_a_category_that_the_baselines_profile_does_not_list_has_its_true_share() -> None:
    kind = ColumnType.CATEGORY
    baseline = Column(kind, frequent=tuple(Frequency(f"v{i}", 10) for i in range(9)), other=10)
    current = Column(kind, frequent=(Frequency("rare", 70), Frequency("v0", 20), Frequency("new", 10)))
    unlisted = {"a": {"rare": 4, "new": 0}}
    found = worst_columns(
        [drift("a", 0.2, 0.1)], Columns({"a": baseline}), Columns({"a": current}), unlisted
    )[0]
    assert found.baseline_bars[0] == ("rare", 0.04)
    assert dict(found.baseline_bars)["new"] == 0
    assert sum(share for _, share in found.baseline_bars) == pytest.approx(1)
    assert found.sentence == "Largest change: rare, 70.0 % of the rows, 4.0 % in the baseline."


def test_unchanged_categories_are_not_called_a_change() -> None:
    column = Column(ColumnType.CATEGORY, frequent=(Frequency("a", 60), Frequency("b", 40)))
    both = Columns({"a": column})
    assert worst_columns([drift("a", 0.2, 0.1)], both, both)[0].sentence == (
        "The shares of its values are the same as in the baseline."
    )


def test_day_without_rows_has_no_bars_to_divide() -> None:
    found = worst_columns([drift("a", None, 0.1)], same("a"), Columns({"a": Column(count=0)}))
    assert found[0].sentence == "There are no rows in this window."


def test_column_unknown_to_both_profiles() -> None:
    found = worst_columns([drift("a", 0.3, 0.1)], Columns({}), Columns({}))
    assert found[0].baseline_bars == ()
    assert found[0].type is None
