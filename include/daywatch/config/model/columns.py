"""What goes into a monitored model and what comes out of it: its features and its answer."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from daywatch.config.base import Frozen
from daywatch.config.model.capture import JsonPath


class ColumnType(StrEnum):
    """The type of a captured value; Evidently's rules distinguish the last three too."""

    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CATEGORY = "category"
    TEXT = "text"

    @property
    def is_numeric(self) -> bool:
        """True for columns that Evidently treats as numerical."""
        return self in (ColumnType.NUMBER, ColumnType.INTEGER)

    @property
    def sql_type(self) -> str:
        """The type of such a column in canonical Parquet, as DuckDB names it."""
        return _SQL_TYPES[self]


_SQL_TYPES = {
    ColumnType.NUMBER: "DOUBLE",
    ColumnType.INTEGER: "BIGINT",
    ColumnType.BOOLEAN: "BOOLEAN",
    ColumnType.CATEGORY: "VARCHAR",
    ColumnType.TEXT: "VARCHAR",
}


Position = Annotated[int, Field(ge=0)] | JsonPath
"""The position of a value: its number in CSV, from 0, or its path in JSON."""


class DriftMethod(Frozen):
    """How one column's drift is scored; what is left out follows Evidently's own rules.

    Attributes:
        method: Evidently's name of a stat test, such as ``wasserstein``.
        threshold: Beyond it the column counts as drifted (below it, for p-values).
    """

    method: str | None = None
    threshold: float | None = Field(default=None, ge=0)


class Feature(Frozen):
    """One input column, in the order of the captured payload.

    Attributes:
        name: Column name in Parquet, warehouse and reports.
        type: Its type.
        at: Where it stands in a request: a position from 0 in CSV, a path such as ``$.customer.age`` in JSON;
            left out, CSV values come in the features' order and JSON keys have the features' names.
        drift: How its drift is scored.
        importance: How much the model depends on it, in any unit that all features share; left out, its
            correlation with the prediction stands for it.
        description: What it means, shown in reports.
    """

    name: Annotated[str, Field(min_length=1, max_length=120)]
    type: ColumnType
    at: Position | None = None
    drift: DriftMethod = DriftMethod()
    importance: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    description: str = ""

    @field_validator("name")
    @classmethod
    def _is_visible(cls, value: str) -> str:
        if not value.isprintable():
            msg = f"expected a name without line breaks and other control characters, but received {value!r}"
            raise ValueError(msg)
        return value


class Task(StrEnum):
    """What the model predicts, which decides its performance metrics."""

    BINARY = "binary_classification"
    MULTICLASS = "multiclass_classification"
    REGRESSION = "regression"


class Output(Frozen):
    """What the model answers.

    Attributes:
        task: What it predicts.
        response: Names of the values in the captured answer, in order; ``prediction`` is one of them,
            ``probability`` (of the positive class) may be another, ``probabilities`` is one number for each
            of ``classes``, ``ignore`` skips a value.
        at: Where ``prediction``, ``probability`` and ``probabilities`` stand in a JSON response; left out,
            under their names.
        classes: Classes of the vector ``probabilities``, in its order; the greatest is the prediction where
            the response names none, and that of ``positive_class`` the probability.
        positive_class: For binary classification, the class that ``probability`` is about.
        drift: How the drift of predictions and of labels is scored.
    """

    task: Task
    response: tuple[Literal["prediction", "probability", "probabilities", "ignore"], ...]
    at: dict[Literal["prediction", "probability", "probabilities"], Position] = Field(default_factory=dict)
    classes: tuple[str, ...] = ()
    positive_class: str = "1"
    drift: DriftMethod = DriftMethod()

    @field_validator("response")
    @classmethod
    def _has_one_prediction(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        counts = {name: value.count(name) for name in ("prediction", "probability", "probabilities")}
        if max(counts.values()) > 1 or not counts["prediction"] + counts["probabilities"]:
            msg = "expected one 'prediction' (or 'probabilities') and at most one 'probability'"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _probability_fits_task(self) -> Output:
        if "probability" in self.response and self.task is not Task.BINARY:
            msg = f"'probability' is for binary_classification, but the task is {self.task}"
            raise ValueError(msg)
        if ("probabilities" in self.response) != (len(self.classes) > 1) or len(set(self.classes)) != len(
            self.classes
        ):
            msg = "'probabilities' needs 'classes', each once, and 'classes' needs 'probabilities'"
            raise ValueError(msg)
        if "probabilities" in self.response and self.task is Task.REGRESSION:
            msg = "'probabilities' is for classification, but the task is regression"
            raise ValueError(msg)
        return self

    @property
    def answer_type(self) -> ColumnType:
        """The type of predictions and labels: numbers for regression, classes otherwise."""
        return ColumnType.NUMBER if self.task is Task.REGRESSION else ColumnType.CATEGORY

    @property
    def has_probability(self) -> bool:
        """True where the positive class's probability is captured, by itself or in the vector."""
        return "probability" in self.response or self.positive_position > 0

    @property
    def positive_position(self) -> int:
        """Where the positive class stands in the vector ``probabilities``, from 1; 0 for nowhere."""
        named = self.task is Task.BINARY and self.positive_class in self.classes
        return self.classes.index(self.positive_class) + 1 if named else 0
