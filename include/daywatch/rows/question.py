"""A question about stored inferences, checked before any of it reaches DuckDB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.config.base import nearest
from daywatch.config.loading.expressions import expression_error
from daywatch.engine.duck import identifier
from daywatch.rows.columns import IDS, START, row_columns

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel

LONGEST_WHERE = 2000
"""Characters of an expression, as in a slice."""

_DESCENDING = " desc"
_OF_ROW = "stored."
"""Before a column that sorts: its stored value, not what is shown of it under the same name."""
_EQUAL = ("inference_time", "event_id", "_source", "_record", "_row")


@dataclass(frozen=True)
class Question:
    """Which rows are wanted, in which order, and which part of them.

    Attributes:
        where: SQL expression on a row in the language of slices; empty for all rows.
        order: Name of a column, followed by `` desc`` for the greatest first; missing values come last.
        limit: Rows at most.
        offset: Rows that are left out before the first.
    """

    where: str = ""
    order: str = "inference_time"
    limit: int = 20
    offset: int = 0


def check_question(question: Question, model: MonitoredModel) -> None:
    """Check that a question names listed columns, functions and operators alone.

    Args:
        question: The question.
        model: The model's configuration.

    Raises:
        ValueError: It does not; the sentence says where and what is expected.
    """
    columns = {**row_columns(model), START: IDS["inference_time"]}
    if len(question.where) > LONGEST_WHERE:
        msg = f"where: expected at most {LONGEST_WHERE:,} characters, but received {len(question.where):,}."
        raise ValueError(msg)
    if question.where.strip() and (error := expression_error(question.where, columns)):
        msg = f"where: {error}."
        raise ValueError(msg)
    name = _ordered(question)[0]
    if name not in columns:
        msg = (
            f"order: expected the name of a column, alone or followed by 'desc', but received {question.order!r}"
            f"{nearest(name, columns)}; columns: {', '.join(columns)}."
        )
        raise ValueError(msg)


def order_of(question: Question) -> str:
    """Return SQL that sorts rows as a checked question says; equal ones by time, id and place of capture."""
    name, descending = _ordered(question)
    first = f"{_OF_ROW}{identifier(name)} {'DESC' if descending else 'ASC'} NULLS LAST"
    return ", ".join((first, *(f"{_OF_ROW}{one}" for one in _EQUAL)))


def _ordered(question: Question) -> tuple[str, bool]:
    order = question.order.strip()
    if order.casefold().endswith(_DESCENDING):
        return order[: -len(_DESCENDING)].strip(), True
    return order, False
