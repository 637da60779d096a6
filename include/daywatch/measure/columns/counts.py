"""Counts of each column on both sides, and what is remarkable about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from daywatch.config.drift_methods import ColumnKind
from daywatch.engine.duck import identifier
from daywatch.measure.columns.tables import Role, Side
from daywatch.results import Finding, FindingCode, Metric
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.measure.columns.pairs import Array
    from daywatch.measure.columns.tables import Column, Tables


@dataclass(frozen=True)
class ColumnFacts:
    """Counts of one column on one side.

    Attributes:
        rows: Rows of the side.
        filled: Rows whose value is not NULL.
        non_finite: Values that are NaN or infinite.
        constant: At least two values, and all the same.
        absent: The file has no such column.
        stored: The type that the file has it in, where it is not the model's.
    """

    rows: int
    filled: int
    non_finite: int
    constant: bool
    absent: bool
    stored: str = ""

    @property
    def usable(self) -> int:
        """Values that a drift score is computed from."""
        return self.filled - self.non_finite

    @property
    def null_share(self) -> float | None:
        """Share of rows without a value, None where there are no rows."""
        return (self.rows - self.filled) / self.rows if self.rows else None

    def unusable(self, side: Side) -> str:
        """Say in a sentence why nothing can be computed from the column, empty where it can."""
        if not self.rows:
            return f"the {side.noun} has no rows"
        if self.absent:
            return f"the {side.noun} has no such column"
        if not self.filled:
            return f"the {side.noun} has no value in any of its {self.rows:,} rows"
        return "" if self.usable else f"the {side.noun} has no finite value"


Facts = dict[str, dict[Side, ColumnFacts]]


def column_facts(tables: Tables) -> Facts:
    """Count values and NULLs of the columns on both sides, one query a side.

    Columns of DOUBLE are left out: all their values are read anyway, and ``facts_of_numbers`` counts those.
    """
    columns = [column for column in tables.columns if column.sql_type != "DOUBLE"]
    counted = {side: _count(tables, side, columns) for side in Side}
    return {column.name: {side: counted[side][column.name] for side in Side} for column in columns}


def _count(tables: Tables, side: Side, columns: list[Column]) -> dict[str, ColumnFacts]:
    selected = ["count(*)"]
    for column in columns:
        name = identifier(column.name)
        selected += [f"count({name})", f"count({name}) > 1 AND min({name}) = max({name})"]
    (answer,) = tables.rows(f"SELECT {', '.join(selected)} FROM {identifier(side)}")
    rows, counts = answer[0], answer[1:]
    return {
        column.name: _facts(
            tables, column, side, rows=rows, filled=counts[2 * index], constant=bool(counts[2 * index + 1])
        )
        for index, column in enumerate(columns)
    }


def facts_of_numbers(tables: Tables, column: Column, side: Side, values: Array, missing: int) -> ColumnFacts:
    """Count a column of DOUBLE by its values, NaN where they are missing, and how many are missing."""
    import numpy as np

    finite = np.isfinite(values)
    usable = int(np.count_nonzero(finite))
    filled = len(values) - missing
    return _facts(
        tables,
        column,
        side,
        rows=len(values),
        filled=filled,
        non_finite=filled - usable,
        constant=filled > 1
        and _is_constant(values if usable == len(values) else values[~np.isnan(values)], filled),
    )


def _is_constant(numbers: Array, filled: int) -> bool:
    """Say whether all values are the same: numbers without the NaN among them, or nothing but NaN."""
    if len(numbers) < filled:
        return not len(numbers)
    return bool(numbers.min() == numbers.max())


def _facts(tables: Tables, column: Column, side: Side, *, non_finite: int = 0, **counts: Any) -> ColumnFacts:
    return ColumnFacts(
        **counts,
        non_finite=non_finite,
        absent=column.name in tables.absent[side],
        stored=tables.retyped[side].get(column.name, ""),
    )


def data_metrics(tables: Tables, facts: Facts, null_share_rise: float) -> list[Metric]:
    """Return rows, labelled rows, shares of missing values and counts of non-finite values.

    Args:
        tables: The baseline and the window.
        facts: Counts of each column on both sides.
        null_share_rise: By how much a share of missing values may rise before it is an alert; drift scores
            do not see it, for they leave missing values out.
    """
    current, reference = facts["label"][Side.CURRENT], facts["label"][Side.REFERENCE]
    share = current.filled / current.rows if current.rows else None
    metrics = [
        Metric(name="rows", value=current.rows, baseline=reference.rows),
        Metric(name="labelled", value=current.filled, baseline=reference.filled),
        Metric(
            name="labelled_share",
            value=share,
            baseline=reference.filled / reference.rows if reference.rows else None,
            note="" if current.rows else "the window has no rows",
        ),
    ]
    features = [column for column in tables.columns if column.role is Role.FEATURE]
    metrics += [_null_share(column, facts, null_share_rise) for column in features]
    measured = [column for column in tables.columns if column.kind is ColumnKind.NUMERIC]
    return metrics + [
        Metric(
            name="non_finite",
            column=column.name,
            value=facts[column.name][Side.CURRENT].non_finite,
            baseline=facts[column.name][Side.REFERENCE].non_finite,
        )
        for column in measured
        if facts[column.name][Side.CURRENT].non_finite or facts[column.name][Side.REFERENCE].non_finite
    ]


def _null_share(column: Column, facts: Facts, rise: float) -> Metric:
    current, reference = facts[column.name][Side.CURRENT], facts[column.name][Side.REFERENCE]
    note = current.unusable(Side.CURRENT) if current.absent or not current.rows else ""
    now, before = current.null_share, reference.null_share
    threshold = None if before is None else before + rise
    return Metric(
        name="null_share",
        column=column.name,
        value=now,
        baseline=before,
        threshold=threshold,
        alert=None if now is None or threshold is None else now > threshold,
        note=note,
    )


def column_findings(column: Column, facts: Facts) -> list[Finding]:
    """Say what is remarkable about a column's counts."""
    current, reference = facts[column.name][Side.CURRENT], facts[column.name][Side.REFERENCE]
    if column.role is Role.LABEL:
        return []  # labels arrive late: their absence is the metric "labelled", not a finding
    findings = []
    for side, fact in ((Side.REFERENCE, reference), (Side.CURRENT, current)):
        if fact.stored:
            detail = f"the {side.noun} holds it as {fact.stored}, and the model says {column.sql_type}"
            findings.append(
                (FindingCode.COLUMN_RETYPED, f"{detail}; what does not fit is missing", fact.rows)
            )
    if reference.rows and reference.absent and not current.absent:
        detail = "the baseline has no such column: build the baseline again to compare it"
        findings.append((FindingCode.COLUMN_NEW, detail, current.rows))
    elif reference.unusable(Side.REFERENCE):
        findings.append((FindingCode.BASELINE_UNUSABLE, reference.unusable(Side.REFERENCE), reference.rows))
    if current.rows and current.absent:
        findings.append((FindingCode.COLUMN_MISSING, "the window has no such column", current.rows))
    elif current.rows and not current.filled:
        detail = f"all {current.rows:,} rows are without a value"
        findings.append((FindingCode.COLUMN_ALL_NULL, detail, current.rows))
    if current.non_finite:
        detail = f"{current.non_finite:,} of {current.filled:,} values are NaN or infinite"
        findings.append((FindingCode.NON_FINITE, detail, current.non_finite))
    if current.constant and reference.usable and not reference.constant:
        detail = f"all {current.filled:,} values are the same; in the baseline they differ"
        findings.append((FindingCode.COLUMN_CONSTANT, detail, current.filled))
    return [
        Finding(code=code, column=column.name, detail=detail, count=count) for code, detail, count in findings
    ]


def unknown_columns(tables: Tables) -> list[Finding]:
    """Name the columns of the window that neither the model's configuration nor the baseline has."""
    new = [name for name in tables.unknown[Side.CURRENT] if name not in tables.unknown[Side.REFERENCE]]
    return [
        Finding(
            code=FindingCode.COLUMN_NEW,
            column=shown(name),
            detail="the model's configuration does not name it",
        )
        for name in new
    ]
