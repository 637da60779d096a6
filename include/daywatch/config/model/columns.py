"""What goes into a monitored model and what comes out of it: its features and its answer."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from daywatch.config.base import Frozen, one_line
from daywatch.config.model.capture import JSON_PATH
from daywatch.text import shown


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


class CategoryType(StrEnum):
    """What the categories or classes of a column are, which decides what spellings of one are the same."""

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TEXT = "text"


def _as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


ClassText = Annotated[str, BeforeValidator(_as_text)]
"""A class as text; in YAML, it may be a number or a truth value without quotes."""

MissingText = Annotated[float, Field(allow_inf_nan=False)] | str
"""A value that stands for a missing one: a number in any spelling, or a text."""


def _position(value: Any) -> Any:
    """Check where a value stands, in one sentence for both forms."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and JSON_PATH.fullmatch(value):
        return value
    msg = f"expected a number from 0 in CSV, or a path in JSON such as '$.customer.age', but received {value!r:.120}"
    raise ValueError(msg)


Position = Annotated[int | str, BeforeValidator(_position)]
"""The position of a value: its number in CSV, from 0, or its path in JSON."""


class DriftMethod(Frozen):
    """How one column's drift is scored; what is left out follows Evidently's own rules.

    Attributes:
        method: The name of a drift method, such as ``wasserstein``.
        threshold: Beyond it the column counts as drifted (below it, for p-values).
    """

    method: str | None = None
    threshold: float | None = Field(default=None, ge=0)


_OPPOSITES = (("1", "0"), ("true", "false"), ("True", "False"), ("TRUE", "FALSE"), ("t", "f"), ("T", "F"))


def opposite(name: str) -> str | None:
    """Return the other truth value in the same spelling, None for a text that is no truth value."""
    pairs = dict(_OPPOSITES) | {no: yes for yes, no in _OPPOSITES}
    return pairs.get(name)


DEFAULT_THRESHOLD = 0.5
"""The probability from which on the positive class is predicted, where the configuration says nothing else."""


class Feature(Frozen):
    """One input column, in the order of the captured payload.

    Attributes:
        name: Column name in Parquet, warehouse and reports.
        type: Its type.
        at: Where it stands in a request: a position from 0 in CSV, a path such as ``$.customer.age`` in JSON;
            left out, CSV values come in the features' order and JSON keys have the features' names.
        drift: How its drift is scored.
        expression: SQL expression on the other features of a row, of which the column is computed; left out, it is
            captured.
        importance: How much the model depends on it, in any unit that all features share; left out, its
            correlation with the prediction stands for it.
        on_bad_value: Whether a value that does not fit the type costs its row (``quarantine_row``) or counts as
            missing (``missing``).
        missing_values: What else than an empty value, null and NaN is a missing one; left out, the model's.
        description: What it means, shown in reports.
    """

    name: Annotated[str, Field(max_length=120)]
    type: ColumnType
    at: Position | None = None
    expression: Annotated[str, Field(max_length=2000)] = ""
    drift: DriftMethod = DriftMethod()
    importance: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    on_bad_value: Literal["quarantine_row", "missing"] = "quarantine_row"
    missing_values: tuple[MissingText, ...] | None = None
    description: str = ""

    @model_validator(mode="after")
    def _captured_or_computed(self) -> Feature:
        given = [name for name in ("at", "missing_values") if getattr(self, name) is not None]
        if self.expression and given:
            msg = f"'expression' computes the column, so it has no {given[0]!r} of its own"
            raise ValueError(msg)
        return self

    @field_validator("name")
    @classmethod
    def _is_visible(cls, value: str) -> str:
        if not any(one.isalnum() for one in value):
            msg = f"expected a name with a letter or a digit, but received {value!r}: signs alone mean something in SQL"
            raise ValueError(msg)
        return one_line(value)


class Task(StrEnum):
    """What the model predicts, which decides its performance metrics."""

    BINARY = "binary_classification"
    MULTICLASS = "multiclass_classification"
    REGRESSION = "regression"


class ScoreKeys(Frozen):
    """The keys of a score, where the response lists an object for each class.

    Attributes:
        label: Key of the class.
        score: Key of its probability.
    """

    label: Annotated[str, Field(min_length=1)] = "label"
    score: Annotated[str, Field(min_length=1)] = "score"


class Output(Frozen):
    """What the model answers.

    Attributes:
        task: What it predicts.
        response: Names of the values in the captured answer, in order; ``prediction`` is one of them,
            ``probability`` (of the positive class) may be another, ``probabilities`` is one number for each
            of ``classes``, ``ignore`` skips a value.
        at: Where ``prediction``, ``probability`` and ``probabilities`` stand in a JSON response; left out,
            under their names.
        scale: What 1 is in the response: ``fraction``, or ``percent`` where 98.05 means 0.9805.
        confidence_of: What ``probability`` is about in the response: the positive class, or the predicted one.
        score_keys: The keys of a score, where ``probabilities`` is a list of objects.
        classes: Classes of the vector ``probabilities``, in its order; the greatest is the prediction where
            the response names none, and that of ``positive_class`` the probability.
        positive_class: For binary classification, the class that ``probability`` is about.
        negative_class: The other class; left out, ``0`` for ``1``, ``false`` for ``true``.
        threshold: Where only ``probability`` is captured, the probability from which on the positive class is
            predicted; 0.5 by default.
        class_type: What the classes are; left out, the baseline says it.
        missing_values: What else than an empty value, null and NaN is a missing prediction, probability or label;
            left out, the model's.
        drift: How the drift of predictions and of labels is scored.
    """

    task: Task
    response: tuple[Literal["prediction", "probability", "probabilities", "ignore"], ...]
    at: dict[Literal["prediction", "probability", "probabilities"], Position] = Field(default_factory=dict)
    scale: Literal["fraction", "percent"] = "fraction"
    confidence_of: Literal["positive_class", "prediction"] = "positive_class"
    score_keys: ScoreKeys = ScoreKeys()
    classes: tuple[ClassText, ...] = ()
    positive_class: ClassText = "1"
    negative_class: ClassText | None = None
    threshold: float | None = Field(default=None, ge=0, le=1)
    class_type: CategoryType | None = None
    missing_values: tuple[MissingText, ...] | None = None
    drift: DriftMethod = DriftMethod()

    @field_validator("response")
    @classmethod
    def _has_one_prediction(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        counts = {name: value.count(name) for name in ("prediction", "probability", "probabilities")}
        if max(counts.values()) > 1 or not sum(counts.values()):
            msg = "expected one 'prediction' (or 'probability', or 'probabilities'), and each at most once"
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

    @model_validator(mode="after")
    def _classes_fit_task(self) -> Output:
        if self.class_type is not None and self.task is Task.REGRESSION:
            msg = "'class_type' is for classification, but the task is regression"
            raise ValueError(msg)
        if self.threshold is not None and not self.is_thresholded:
            msg = "'threshold' is for a response with 'probability' and without 'prediction', which says the class"
            raise ValueError(msg)
        if self.is_thresholded and self.other_class is None:
            msg = (
                "a response with 'probability' alone needs the class below the threshold: "
                f"add 'negative_class', the class other than {self.positive_class!r}"
            )
            raise ValueError(msg)
        if self.is_of_prediction and not {"prediction", "probability"} <= set(self.response):
            msg = "'confidence_of: prediction' needs 'prediction' and 'probability' in the response"
            raise ValueError(msg)
        if self.is_of_prediction and self.other_class is None:
            msg = (
                "'confidence_of: prediction' needs both classes: "
                f"add 'negative_class', the class other than {self.positive_class!r}"
            )
            raise ValueError(msg)
        if self.scale == "percent" and not {"probability", "probabilities"} & set(self.response):
            msg = "'scale' is for a response with 'probability' or 'probabilities'"
            raise ValueError(msg)
        if self.negative_class is not None and self.negative_class == self.positive_class:
            msg = f"expected 'negative_class' to be another class than {self.positive_class!r}, the positive one"
            raise ValueError(msg)
        return self

    @property
    def is_thresholded(self) -> bool:
        """True where the prediction is the class on its side of the threshold."""
        return "probability" in self.response and not {"prediction", "probabilities"} & set(self.response)

    @property
    def is_of_prediction(self) -> bool:
        """True where the captured probability is that of the predicted class, whichever it is."""
        return self.confidence_of == "prediction"

    @property
    def least_probability(self) -> float:
        """The probability from which on the positive class is predicted, where only it is captured."""
        return DEFAULT_THRESHOLD if self.threshold is None else self.threshold

    @property
    def derivation(self) -> str:
        """How predictions follow from probabilities, as a sentence; empty where the response names them."""
        if self.is_thresholded:
            positive, other = shown(self.positive_class), shown(self.other_class or "")
            least = f"{self.least_probability:g}"
            return f"Predictions are derived: '{positive}' from a probability of {least} on, '{other}' below."
        if "prediction" not in self.response:
            return "Predictions are derived: the class with the greatest probability."
        return ""

    @property
    def other_class(self) -> str | None:
        """The negative class of two, None where nothing says it."""
        return self.negative_class or opposite(self.positive_class)

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
