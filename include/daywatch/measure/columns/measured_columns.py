"""The columns of a model that are measured, with their roles and SQL types."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from daywatch.config.drift_methods import KIND_OF_TYPE, ColumnKind
from daywatch.config.model.columns import ColumnType, Task

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel


class Role(StrEnum):
    """What a column is to the model."""

    FEATURE = "feature"
    PREDICTION = "prediction"
    PROBABILITY = "probability"
    LABEL = "label"


@dataclass(frozen=True)
class Column:
    """A measured column.

    Attributes:
        name: Its name in the Parquet files.
        kind: How it is compared.
        sql_type: Its type in the DuckDB views of ``Tables``.
        role: What it is to the model.
    """

    name: str
    kind: ColumnKind
    sql_type: str
    role: Role


def measured_columns(model: MonitoredModel) -> tuple[Column, ...]:
    """Return the model's features in their order, then prediction, probability and label."""
    output = (
        (ColumnKind.NUMERIC, "DOUBLE")
        if model.output.task is Task.REGRESSION
        else (ColumnKind.CATEGORICAL, "VARCHAR")
    )
    features = tuple(
        Column(item.name, KIND_OF_TYPE[item.type], _sql_type(item.type), Role.FEATURE)
        for item in model.stored_features
    )
    probability = (Column("probability", ColumnKind.NUMERIC, "DOUBLE", Role.PROBABILITY),)
    return (
        *features,
        Column("prediction", *output, Role.PREDICTION),
        *(probability if model.output.has_probability else ()),
        Column("label", *output, Role.LABEL),
    )


def _sql_type(kind: ColumnType) -> str:
    """Return the type in the views: truth values are text, so that categories of any type have one form."""
    return kind.sql_type if kind.is_numeric else "VARCHAR"


def compared_columns(columns: Iterable[Column], model: MonitoredModel) -> list[Column]:
    """Return the columns whose drift is measured.

    A probability replaces the prediction that is cut from it.

    Args:
        columns: The measured columns.
        model: The model, which says whether there is a probability.
    """
    replaced = Role.PREDICTION if model.output.has_probability else None
    return [column for column in columns if column.role is not replaced]
