"""The records that stages exchange: small, frozen, JSON without NaN.

Stages never exchange frames. Those are stored as Parquet in the window's folder (see ``artifacts.py``), and these
records hold what was found in them.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict


class State(StrEnum):
    """A verdict's state, ordered from best to worst: GREEN < GREY < AMBER < RED.

    GREY is missing evidence and never shown as GREEN. It is worse than GREEN, because nobody knows whether a model
    without evidence works; it is better than AMBER, which is evidence that something is wrong.
    """

    GREEN = "GREEN"
    AMBER = "AMBER"
    RED = "RED"
    GREY = "GREY"

    @property
    def rank(self) -> int:
        """The state's place in the order: 0 for GREEN, the best, to 3 for RED, the worst."""
        return _BEST_FIRST.index(self)

    # A state is a text too. Without these methods, states would be ordered by the alphabet.
    def __lt__(self, other: str) -> bool:
        return self.rank < _rank(other)

    def __le__(self, other: str) -> bool:
        return self.rank <= _rank(other)

    def __gt__(self, other: str) -> bool:
        return self.rank > _rank(other)

    def __ge__(self, other: str) -> bool:
        return self.rank >= _rank(other)


_BEST_FIRST = (State.GREEN, State.GREY, State.AMBER, State.RED)


def _rank(other: str) -> int:
    """Return a state's rank.

    Raises:
        TypeError: The other side of a comparison is a text and not a state.
    """
    if not isinstance(other, State):
        msg = f"a state can be compared only with a state, not with {other!r}"
        raise TypeError(msg)
    return other.rank


class Against(StrEnum):
    """The kind of baseline that a span of days is compared with."""

    FROZEN = "frozen"
    MOVING = "moving"
    SAME_WEEKDAY = "same_weekday"
    SAME_MONTH = "same_month"

    @property
    def noun(self) -> str:
        """The baseline's name in a sentence."""
        return {
            Against.FROZEN: "the frozen baseline",
            Against.MOVING: "the days before",
            Against.SAME_WEEKDAY: "the same weekdays before",
            Against.SAME_MONTH: "the same month last year",
        }[self]


class Severity(StrEnum):
    """How much a failed expectation matters; the names are Great Expectations' own."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


def _finite(value: Any) -> Any:
    """Turn NaN and infinities into None: JSON, jsonb and XCom cannot hold them."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


Number = Annotated[float | None, BeforeValidator(_finite)]


class Record(BaseModel):
    """Base class of all results: frozen, and without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Metric(Record):
    """A named number for a window, a column and a slice.

    Attributes:
        name: The metric's name, such as ``roc_auc`` or ``drift_score``.
        value: The number, None where it cannot be computed; ``note`` then says why.
        column: Name of the column, empty for the whole window.
        class_name: Name of the class, empty for all classes together.
        slice: Name of the slice, such as ``origin=JFK``, empty for all rows.
        low: Lower end of the value's 95 % confidence interval, None if there is no interval.
        high: Upper end of that interval.
        rows: Number of rows that the value comes from, None if they are not counted.
        baseline: The same metric on the baseline, None if there is none.
        baseline_low: Lower end of the baseline's 95 % confidence interval.
        baseline_high: Upper end of that interval.
        baseline_rows: Number of rows that the baseline's value comes from.
        difference_low: Lower end of the interval of the difference between value and baseline.
        difference_high: Upper end of that interval.
        threshold: The threshold that ``value`` is compared with, None if there is none.
        method: How the value or its interval was computed, such as Evidently's name of the drift method.
        alert: Whether ``value`` is beyond ``threshold``; None if nothing was compared.
        note: One sentence on a missing or unusual value.
    """

    name: str
    value: Number = None
    column: str = ""
    class_name: str = ""
    slice: str = ""
    low: Number = None
    high: Number = None
    rows: int | None = None
    baseline: Number = None
    baseline_low: Number = None
    baseline_high: Number = None
    baseline_rows: int | None = None
    difference_low: Number = None
    difference_high: Number = None
    threshold: Number = None
    method: str = ""
    alert: bool | None = None
    note: str = ""


class ConfusionCell(Record):
    """One cell of the confusion matrix: the labelled rows of one class that were predicted as one class.

    Attributes:
        label: The class of the label.
        prediction: The class of the prediction.
        rows: Number of such rows in the window.
        baseline_rows: Number of such rows in the baseline.
    """

    label: str
    prediction: str
    rows: int
    baseline_rows: int


class CategoryRows(Record):
    """How many rows of the baseline have a category that the baseline's profile does not list.

    Attributes:
        column: Name of the column.
        category: The category, one of the most frequent ones of the window.
        rows: Number of the baseline's rows.
    """

    column: str
    category: str
    rows: int


class BadSlice(Record):
    """A slice whose predictions are wrong more often than in the baseline, by more than chance.

    Attributes:
        slice: Name of the slice.
        rows: Number of its rows with label and prediction.
        rows_share: Its share of the window's rows with label and prediction.
        error_share: Its share of the window's prediction errors.
        baseline_error_share: Its share of the baseline's prediction errors, None if it has too few labelled rows
            there.
        metric: Name of the performance metric in ``value`` and ``baseline``.
        value: The metric of the slice in the window.
        baseline: The metric of the slice in the baseline.
    """

    slice: str
    rows: int
    rows_share: float
    error_share: float
    baseline_error_share: Number = None
    metric: str
    value: Number = None
    baseline: Number = None


class FindingCode(StrEnum):
    """What a finding is about: something remarkable that is not an error."""

    COLUMN_ALL_NULL = "column_all_null"
    COLUMN_CONSTANT = "column_constant"
    COLUMN_MISSING = "column_missing"
    COLUMN_NEW = "column_new"
    COLUMN_RETYPED = "column_retyped"
    NEW_CATEGORY = "new_category"
    VANISHED_CATEGORY = "vanished_category"
    NEW_WORDS = "new_words"
    PREDICTION_CORRELATION_CHANGED = "prediction_correlation_changed"
    WORST_SLICE = "worst_slice"
    NON_FINITE = "non_finite"
    EXTREME_VALUE = "extreme_value"
    ONE_CLASS = "one_class"
    SAME_LABELS = "same_labels"
    CLASSES_CONFUSED = "classes_confused"
    BASELINE_UNUSABLE = "baseline_unusable"
    SLOW_INFERENCES = "slow_inferences"
    HOURS_WITHOUT_CAPTURES = "hours_without_captures"
    VOLUME_FALL = "volume_fall"
    TYPE_MISMATCH = "type_mismatch"
    PAYLOAD_GUESSED = "payload_guessed"
    EXTRA_COLUMNS = "extra_columns"
    FAULTS_CONCENTRATED = "faults_concentrated"
    MODEL_VERSION_CHANGED = "model_version_changed"
    VERSION_WITHOUT_BASELINE = "version_without_baseline"
    VARIANT_CHANGED = "variant_changed"
    SAMPLING_CHANGED = "sampling_changed"
    NO_SHARED_CLASS = "no_shared_class"
    NO_POSITIVE_CLASS = "no_positive_class"
    FEATURE_MISSING = "feature_missing"
    CONSTANT_PREDICTION = "constant_prediction"
    TOO_FEW_VALUES = "too_few_values"
    WORSE_THAN_CHANCE = "worse_than_chance"
    BASELINE_UNSOUND = "baseline_unsound"


DATA_FAULTS = frozenset(
    {
        FindingCode.NO_SHARED_CLASS,
        FindingCode.NO_POSITIVE_CLASS,
        FindingCode.FEATURE_MISSING,
        FindingCode.CONSTANT_PREDICTION,
        FindingCode.TOO_FEW_VALUES,
        FindingCode.WORSE_THAN_CHANCE,
    }
)
"""Findings without which the other numbers mean nothing: a baseline with one is refused, a window is RED by default."""


class Finding(Record):
    """Something a person should know about a window, with its numbers in the sentence.

    Attributes:
        code: What the finding is about.
        column: Name of the column, empty for the whole window.
        detail: One sentence with the numbers.
        count: Number of rows or values that the finding is about.
    """

    code: FindingCode
    column: str = ""
    detail: str
    count: int = 0


class ExpectationResult(Record):
    """The outcome of one Great Expectations expectation on the window's rows.

    Attributes:
        expectation: GX's type of the expectation, such as ``expect_column_values_to_be_between``.
        column: Name of the column, empty for table expectations.
        kwargs: GX's arguments as canonical JSON with sorted keys.
        severity: The severity in the suite.
        description: The description in the suite, empty if there is none.
        success: GX's result; None if the expectation was not evaluated.
        observed: The observed value as short text.
        element_count: Number of evaluated rows, None if GX does not count them.
        unexpected_count: Number of rows that failed, None if GX does not count them.
        unexpected_percent: Percentage of rows that failed, from 0 to 100, None if GX does not count them.
        note: Why the expectation was not evaluated, in one sentence.
    """

    expectation: str
    column: str = ""
    kwargs: str
    severity: Severity
    description: str = ""
    success: bool | None
    observed: str = ""
    element_count: int | None = None
    unexpected_count: int | None = None
    unexpected_percent: Number = None
    note: str = ""
