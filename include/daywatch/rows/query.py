"""A question about stored inferences as SQL of DuckDB, for the local copies and for where the files are stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.engine.duck import identifier, text
from daywatch.rows.columns import IDS, SERVICE, START, row_columns, stored_value
from daywatch.rows.question import Question, order_of

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel


@dataclass(frozen=True)
class DayFiles:
    """The files of a window.

    Attributes:
        inferences: Address of the rows.
        operations: Address of what the service captured.
        row_names: Columns of the rows.
        served_names: Columns of what the service captured.
    """

    inferences: str
    operations: str
    row_names: frozenset[str]
    served_names: frozenset[str]


def rows_of(days: Sequence[DayFiles], model: MonitoredModel) -> str:
    """Return SQL that selects the listed columns of all days, NULL where a day's file does not have one.

    Args:
        days: The files.
        model: The model's configuration.
    """
    columns = row_columns(model)
    values = ", ".join(
        f"{stored_value(name, type_, model)} AS {identifier(name)}" for name, type_ in columns.items()
    )
    start = "" if START in map(str.casefold, columns) else f", inference_time AS {START}"
    union = "\nUNION ALL BY NAME\n".join(_rows_of_day(day, model) for day in days)
    return f"SELECT {values}{start}, _source, _record, _row FROM (\n{union}\n)"


def matching(question: Question) -> str:
    """Return the part of a query from FROM on that selects the rows of a checked question."""
    return f"FROM stored WHERE (\n{question.where}\n)" if question.where.strip() else "FROM stored"


def page_of(question: Question, model: MonitoredModel) -> str:
    """Return the query of the rows that a checked question asks for."""
    shown = ", ".join(_shown(row_columns(model)))
    return (
        f"SELECT {shown}\n{matching(question)}\nORDER BY {order_of(question)}"
        f" LIMIT {question.limit:d} OFFSET {question.offset:d}"
    )


def whole_query(days: Sequence[DayFiles], question: Question, model: MonitoredModel) -> str:
    """Return the statements that answer a checked question in any DuckDB that can read the files."""
    return (
        f"SET TimeZone = 'UTC';\nWITH stored AS (\n{rows_of(days, model)}\n)\n{page_of(question, model)};\n"
    )


def _rows_of_day(day: DayFiles, model: MonitoredModel) -> str:
    """Return SQL of a day's rows. A record may be there twice, but its inference is one row."""
    columns = row_columns(model)
    named = [name for name in (*SERVICE, *model.kept) if name in day.served_names]
    served = [name for name in named if name not in day.row_names and name in columns]
    selected = ", ".join(
        f"r.{identifier(name)}"
        if name in day.row_names
        else f"o.{identifier(name)}"
        if name in served
        else f"NULL AS {identifier(name)}"
        for name in columns
    )
    # DISTINCT ON would sort the whole day.
    once = "".join(f", min({identifier(name)}) AS {identifier(name)}" for name in named)
    same = " AND ".join(f"r.{name} IS NOT DISTINCT FROM o.{name}" for name in IDS)
    return (
        f"SELECT {selected}, source_key AS _source, source_record AS _record, row_in_record AS _row"
        f"\nFROM read_parquet({text(day.inferences)}) AS r LEFT JOIN (SELECT {', '.join(IDS)}{once}"
        f"\nFROM read_parquet({text(day.operations)}) GROUP BY ALL) AS o ON {same}"
    )


def _shown(columns: dict[str, str]) -> Iterator[str]:
    for name, type_ in columns.items():
        value = identifier(name)
        yield f"strftime({value}, '%Y-%m-%dT%H:%M:%S.%fZ') AS {value}" if type_ == "TIMESTAMPTZ" else value
