"""The figures of a report: trend, columns and longer windows, as numbers that are plotted or put into words."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, model_validator

from daywatch.config.model.columns import ColumnType
from daywatch.results import Against, Number, Record, State

LABEL_LENGTH = 40
"""Characters of a bar's label at most; captured text has any length."""


def _short(label: str) -> str:
    return label if len(label) <= LABEL_LENGTH else label[: LABEL_LENGTH - 1] + "…"


Bar = tuple[Annotated[str, AfterValidator(_short)], float]
"""A label and the share of the rows that it stands for, 0 to 1."""


class HistoryPoint(Record):
    """One window of the trend.

    Attributes:
        window: Key of the window, such as ``2013-02-09``.
        state: Verdict on the window.
        value: Value of the headline metric, None where it was not measured.
        rows: Number of rows.
        labelled: Number of rows with a label.
    """

    window: str
    state: State
    value: Number = None
    rows: int
    labelled: int


class ThresholdLine(Record):
    """A threshold of the plan as a height in the trend chart.

    Attributes:
        state: State of the values beyond the threshold.
        value: Threshold in the unit of the metric.
        text: The condition as written, such as ``<= 0.7``.
    """

    state: State
    value: float
    text: str


class ColumnComparison(Record):
    """One of the worst columns, compared between the baseline and this window.

    Attributes:
        column: Name of the column.
        type: Type of the column, None where the model's configuration does not have it.
        score: Drift score, None where none could be computed.
        threshold: Threshold of the score.
        method: Evidently's name of the stat test.
        baseline_bars: Shares of the baseline's rows.
        current_bars: Shares of this window's rows, with the same labels in the same order.
        sentence: What changed, with the numbers.
    """

    column: str
    type: ColumnType | None = None
    score: Number = None
    threshold: Number = None
    method: str = ""
    baseline_bars: tuple[Bar, ...] = ()
    current_bars: tuple[Bar, ...] = ()
    sentence: str

    @model_validator(mode="after")
    def _same_labels(self) -> ColumnComparison:
        if [label for label, _ in self.baseline_bars] != [label for label, _ in self.current_bars]:
            msg = f"the bars of {self.column!r} have different labels in the baseline and in this window"
            raise ValueError(msg)
        return self


class SpanSummary(Record):
    """Drift of the features over some days against a baseline, from stored profiles.

    Attributes:
        over: Number of days that end with the window.
        against: Baseline that the days are compared with.
        drifted: Number of features that drifted, None where none could be scored.
        scored: Number of features that could be scored.
        column: Feature that drifted most, empty for none.
        value: Drift score of that feature.
        threshold: Threshold of the score.
        method: Evidently's name of the method.
        note: Reason why there is no score, empty otherwise.
    """

    over: int
    against: Against
    drifted: int | None = None
    scored: int = 0
    column: str = ""
    value: Number = None
    threshold: Number = None
    method: str = ""
    note: str = ""
