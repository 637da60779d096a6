"""What the stages hand to each other: small, frozen, JSON without NaN.

Frames never travel between stages; they lie as Parquet in the window's folder (see ``artifacts.py``), and
these records say what was found in them.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict


class State(StrEnum):
    """A verdict's colour. GREY is missing evidence and never shown as GREEN."""

    GREEN = "GREEN"
    AMBER = "AMBER"
    RED = "RED"
    GREY = "GREY"


class Against(StrEnum):
    """What a span of days is held against."""

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
    """Turn NaN and infinities into None: JSON, jsonb and XCom have no word for them."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


Number = Annotated[float | None, BeforeValidator(_finite)]


class Record(BaseModel):
    """Base of all results: frozen, and unknown keys are a defect."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Metric(Record):
    """A named number for a window, a column and a slice.

    Attributes:
        name: The field's standard name, such as ``roc_auc`` or ``drift_score``.
        value: None where it cannot be computed; ``note`` then says why.
        column: The column it is about, empty for the whole window.
        class_name: The class it is about, empty for all classes together.
        slice: The subset it is about, such as ``origin=JFK``, empty for all rows.
        low: Lower end of the value's 95 % confidence interval, where there is one.
        high: Upper end.
        rows: Rows behind the value, where they are counted.
        baseline: The same number on the baseline, where there is one.
        baseline_low: Lower end of its interval.
        baseline_high: Upper end.
        baseline_rows: Rows behind it.
        difference_low: Lower end of the interval of the difference between value and baseline.
        difference_high: Upper end.
        threshold: What ``value`` was held against, where something was.
        method: How it, or its interval, was computed, such as Evidently's stat test name.
        alert: True where ``value`` is beyond ``threshold``; None where nothing was compared.
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
    """How many labelled rows of one class were predicted as another, or as the same.

    Attributes:
        label: The class that came true.
        prediction: The class that was predicted.
        rows: Of the window.
        baseline_rows: Of the baseline.
    """

    label: str
    prediction: str
    rows: int
    baseline_rows: int


class BadSlice(Record):
    """A slice whose predictions are wrong more often than in the baseline, by more than chance.

    Attributes:
        slice: Which.
        rows: Its rows with label and prediction.
        rows_share: Their share of the window's.
        error_share: Its share of the window's prediction errors.
        baseline_error_share: The same in the baseline, where it has labelled rows enough there.
        metric: Name of the performance metric that ``value`` and ``baseline`` are.
        value: Of the slice.
        baseline: Of the slice in the baseline.
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
    """What can be remarkable about a column without being an error."""

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
    ONE_CLASS = "one_class"
    BASELINE_UNUSABLE = "baseline_unusable"
    SLOW_INFERENCES = "slow_inferences"
    HOURS_WITHOUT_CAPTURES = "hours_without_captures"
    VOLUME_FALL = "volume_fall"
    MODEL_VERSION_CHANGED = "model_version_changed"
    VARIANT_CHANGED = "variant_changed"
    SAMPLING_CHANGED = "sampling_changed"


class Finding(Record):
    """Something a person should know about a window, with its numbers in the sentence.

    Attributes:
        code: Which kind.
        column: The column, empty for the whole window.
        detail: One sentence.
        count: How many rows or values it is about.
    """

    code: FindingCode
    column: str = ""
    detail: str
    count: int = 0


class ExpectationResult(Record):
    """The outcome of one Great Expectations expectation on the window's rows.

    Attributes:
        expectation: GX's type, such as ``expect_column_values_to_be_between``.
        column: The column, empty for table expectations.
        kwargs: GX's own arguments, canonical JSON with sorted keys.
        severity: As written in the suite.
        description: What it expects in words, where the suite says so.
        success: What GX said; None where it was not evaluated.
        observed: The observed value as short text.
        element_count: Rows looked at, where GX counts them.
        unexpected_count: Rows that failed, where GX counts them.
        unexpected_percent: 0 to 100, where GX counts them.
        note: Why it was not evaluated, in one sentence.
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


class RuleOutcome(Record):
    """One rule of the plan, held against this window.

    Attributes:
        rule: The rule as text, such as ``roc_auc: green >= 0.8, red <= 0.7``.
        metric: Which metric.
        column: Its column, empty for the whole window.
        class_name: Its class, empty for all of them.
        slice: Its slice, empty for all rows.
        over: Days of the span that it is about, None for the window itself.
        against: The baseline of that span.
        value: The window's value.
        baseline: The baseline's value.
        state: What the rule says.
        reason: One sentence with the numbers.
        short: The reason in a few words, for a table.
    """

    rule: str
    metric: str
    column: str = ""
    class_name: str = ""
    slice: str = ""
    over: int | None = None
    against: Against | None = None
    value: Number = None
    baseline: Number = None
    state: State
    reason: str
    short: str


class Verdict(Record):
    """The judgement of a window.

    Attributes:
        state: The worst of the rules' states.
        reasons: Sentences of the rules that made it so, worst first.
        short: The first reason in a few words.
        rules: All rules' outcomes, in the plan's order.
    """

    state: State
    reasons: tuple[str, ...]
    short: str
    rules: tuple[RuleOutcome, ...]
