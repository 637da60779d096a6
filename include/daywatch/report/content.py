"""What a report shows. The caller gathers all of it, so that rendering is a pure function."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from daywatch.config.model.columns import ColumnType, Task
from daywatch.results import (
    Against,
    BadSlice,
    ExpectationResult,
    Finding,
    Metric,
    Number,
    Record,
    State,
    Verdict,
)

HISTORY_WINDOWS = 14
"""How many windows the trend shows at most."""

WORST_COLUMNS = 3
"""How many columns are drawn at most."""

LABEL_LENGTH = 40
"""Characters of a bar's label; captured text may be endless."""


def _short(label: str) -> str:
    return label if len(label) <= LABEL_LENGTH else label[: LABEL_LENGTH - 1] + "…"


Bar = tuple[Annotated[str, AfterValidator(_short)], float]
"""A label and the share of the rows that it stands for, 0 to 1."""

OneLine = Annotated[str, AfterValidator(lambda text: " ".join(text.split()))]
"""Text of the configuration: line breaks of its YAML mean nothing."""


class HistoryPoint(Record):
    """One window of the trend.

    Attributes:
        window: Its key, such as ``2013-02-09``.
        state: Its verdict.
        value: The headline metric, None where it was not measured.
        rows: Rows of the window.
        labelled: Rows with a label.
    """

    window: str
    state: State
    value: Number = None
    rows: int
    labelled: int


class ThresholdLine(Record):
    """A threshold of the plan as a height in the trend chart.

    Attributes:
        state: The state that begins there.
        value: In the metric's unit.
        text: The condition as written, such as ``<= 0.7``.
    """

    state: State
    value: float
    text: str


class ColumnComparison(Record):
    """One of the worst columns: baseline against this window.

    Attributes:
        column: Its name.
        type: Its type; None for a column that is not of the model's configuration.
        score: Drift score, None where none could be computed.
        threshold: What the score was held against.
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
        over: Days that end with the window.
        against: The baseline.
        drifted: Features that drifted; None where none could be scored.
        scored: Features that could be scored.
        column: The one that drifted most, empty for none.
        value: Its score.
        threshold: What the score was held against.
        method: Evidently's name of the method.
        note: Why nothing is known.
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


class Counts(Record):
    """Where the window's records went.

    Attributes:
        records: Capture records read.
        rows: Inferences exported.
        quarantined: Records that could not be read.
        unanswered: Requests that failed or timed out.
        labelled: Rows with a label.
    """

    records: int
    rows: int
    quarantined: int
    unanswered: int
    labelled: int


class ReportAction(Record):
    """What the plan says to do.

    Attributes:
        do: What.
        who: Who does it.
        within_hours: By when, counted from the mail.
    """

    do: OneLine
    who: OneLine
    within_hours: int = Field(ge=1)


class Missing(Record):
    """Evidence that was looked for and not found; told on GREY windows.

    Attributes:
        what: Such as ``capture records``.
        where: The address where it was looked for.
    """

    what: str
    where: str


class Link(Record):
    """An address for more.

    Attributes:
        title: What it leads to.
        url: ``http(s)://`` becomes a link; any other address, such as ``s3://``, is shown as text.
    """

    title: str
    url: str


class Report(Record):
    """All that the mail of one window shows.

    Attributes:
        model: The model's name.
        namespace: Who it belongs to.
        owner: The team or person answerable for it.
        tier: 1 is the most important.
        description: What the model does.
        task: What it predicts.
        window: The window's key.
        revision: Fingerprint of all that the verdict depends on.
        baseline_id: The frozen baseline it was held against, empty for none.
        verdict: The judgement.
        previous_state: Verdict of the judged window before, None where this is the first.
        earlier_state: Verdict of this window's revision before, None where this is its first.
        since: Key of the first window of the unbroken run of this state.
        windows_in_state: Length of that run, this window included.
        metrics: What was measured, of the whole window and of model versions.
        findings: What is remarkable.
        failed_expectations: Expectations that failed or could not be evaluated.
        counts: Where the records went.
        headline_metric: Name of the trend's metric, empty for no trend.
        history: Up to 14 windows, oldest first, this one last.
        threshold_lines: The plan's thresholds of the headline metric.
        worst_columns: Up to three.
        bad_slices: Slices that predict worse than in the baseline, the worst first.
        longer_windows: Drift over several days and against other baselines, as the model wants it.
        action: What the plan says to do at this state, None for nothing.
        retraining: What was decided about retraining, empty for nothing.
        missing: What is missing, and where it was looked for.
        links: Addresses for more.
    """

    model: str
    namespace: str
    owner: str
    tier: int
    description: OneLine
    task: Task
    window: str
    revision: str
    baseline_id: str = ""
    verdict: Verdict
    previous_state: State | None = None
    earlier_state: State | None = None
    since: str
    windows_in_state: int = Field(ge=1)
    metrics: tuple[Metric, ...] = ()
    findings: tuple[Finding, ...] = ()
    failed_expectations: tuple[ExpectationResult, ...] = ()
    counts: Counts
    headline_metric: str = ""
    history: Annotated[tuple[HistoryPoint, ...], Field(max_length=HISTORY_WINDOWS)] = ()
    threshold_lines: tuple[ThresholdLine, ...] = ()
    worst_columns: Annotated[tuple[ColumnComparison, ...], Field(max_length=WORST_COLUMNS)] = ()
    bad_slices: tuple[BadSlice, ...] = ()
    longer_windows: tuple[SpanSummary, ...] = ()
    action: ReportAction | None = None
    retraining: OneLine = ""
    missing: tuple[Missing, ...] = ()
    links: tuple[Link, ...] = ()
