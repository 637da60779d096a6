"""What a report shows. The caller gathers all of it, so that rendering is a pure function."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from daywatch.config.model.columns import Task
from daywatch.ingest.quarantine_groups import QuarantineGroup
from daywatch.report.figures import ColumnComparison, HistoryPoint, SpanSummary, ThresholdLine
from daywatch.results import BadSlice, ExpectationResult, Finding, Metric, Record, State
from daywatch.rollout.verdict import RolloutVerdict
from daywatch.verdicts import Verdict

HISTORY_WINDOWS = 14
"""How many windows the trend shows at most."""

WORST_COLUMNS = 3
"""How many columns have a chart at most."""

OneLine = Annotated[str, AfterValidator(lambda text: " ".join(text.split()))]
"""Text of the configuration; line breaks of its YAML become spaces."""


class ReportCounts(Record):
    """Where the window's records went.

    Attributes:
        records: Capture records read.
        rows: Inferences exported.
        quarantined: Records of which no row could be read.
        rows_quarantined: Rows that could not be read, of records that could be split into rows.
        unanswered: Requests that failed or timed out.
        filtered: Records that do not count, as ``capture.where`` says.
        labelled: Rows with a label.
        labels_quarantined: Labels that could not be read.
    """

    records: int
    rows: int
    quarantined: int
    rows_quarantined: int = 0
    unanswered: int
    filtered: int = 0
    labelled: int
    labels_quarantined: int = 0


class ReportAction(Record):
    """What the plan says to do.

    Attributes:
        do: What to do.
        who: Person or team that does it.
        within_hours: Hours from the mail until it is done.
    """

    do: OneLine
    who: OneLine
    within_hours: int = Field(ge=1)


class Missing(Record):
    """Evidence that is missing, and where it was expected.

    Attributes:
        what: What is missing, such as ``capture records``.
        where: Address at which it was expected.
    """

    what: str
    where: str


class Link(Record):
    """A link to details.

    Attributes:
        title: What the link leads to.
        url: ``http(s)://`` becomes a link; any other address, such as ``s3://``, is shown as text.
    """

    title: str
    url: str


class ReportIncident(Record):
    """An incident that is open in the window, or that the window closed.

    Attributes:
        sentence: Its cause as a sentence.
        state: State of the cause in its last bad window.
        first: Key of its first bad window.
        happened: What the window did to it, such as ``opened``; empty for nothing.
        is_open: Whether the cause is still there.
        acknowledged_by: Who acknowledged it, empty for nobody.
        models: Number of models that share it.
        link: Address of the page on which it is acknowledged, empty where it is not known.
    """

    sentence: str
    state: State
    first: str
    happened: str = ""
    is_open: bool = True
    acknowledged_by: str = ""
    models: int = 1
    link: str = ""


class Report(Record):
    """All that the mail of one window shows.

    Attributes:
        model: The model's name.
        namespace: Namespace of the model.
        owner: Team or person responsible for the model.
        tier: Importance of the model; 1 is the highest.
        description: What the model does.
        task: Kind of prediction, such as binary classification.
        derivation: How the predictions follow from the probabilities, empty where they are captured.
        window: The window's key.
        revision: Fingerprint of all that the verdict depends on.
        baseline_id: The baseline that the window was compared with, empty for none.
        verdict: Verdict on the window, with reasons.
        previous_state: Verdict on the previous judged window, None where this is the first.
        earlier_state: Verdict of this window's previous revision, None where this is its first.
        since: Key of the first window of the unbroken run of this state.
        windows_in_state: Length of that run, this window included.
        recovered_from: Worst verdict of the run of bad windows that this GREEN one ends, None where it ends none.
        bad_since: Key of the first window of that run.
        bad_days: Days from that window to this one.
        incidents: The incidents that are open or that the window closed, the worst first.
        metrics: Metrics of the whole window and of model versions.
        findings: What a person should know about the window.
        failed_expectations: Expectations that failed or could not be evaluated.
        counts: Where the records went.
        quarantine: What could not be read, by reason.
        headline_metric: Name of the trend's metric, empty for no trend.
        history: Up to 14 windows, oldest first, this one last.
        threshold_lines: The plan's thresholds of the headline metric.
        worst_columns: Up to three columns, the worst first.
        bad_slices: Slices that predict worse than in the baseline, the worst first.
        longer_windows: Drift over several days and against other baselines, as the model's YAML says.
        action: What the plan says to do at this state, None for nothing.
        retraining: Decision on retraining as a sentence, empty for none.
        missing: Evidence that is missing, and where it was expected.
        rollout: Verdict on two versions that serve at once, None without a rollout.
        links: Links to details.
    """

    model: str
    namespace: str
    owner: str
    tier: int
    description: OneLine
    task: Task
    derivation: OneLine = ""
    window: str
    revision: str
    baseline_id: str = ""
    verdict: Verdict
    previous_state: State | None = None
    earlier_state: State | None = None
    since: str
    windows_in_state: int = Field(ge=1)
    recovered_from: State | None = None
    bad_since: str = ""
    bad_days: int = 0
    incidents: tuple[ReportIncident, ...] = ()
    metrics: tuple[Metric, ...] = ()
    findings: tuple[Finding, ...] = ()
    failed_expectations: tuple[ExpectationResult, ...] = ()
    counts: ReportCounts
    quarantine: tuple[QuarantineGroup, ...] = ()
    headline_metric: str = ""
    history: Annotated[tuple[HistoryPoint, ...], Field(max_length=HISTORY_WINDOWS)] = ()
    threshold_lines: tuple[ThresholdLine, ...] = ()
    worst_columns: Annotated[tuple[ColumnComparison, ...], Field(max_length=WORST_COLUMNS)] = ()
    bad_slices: tuple[BadSlice, ...] = ()
    longer_windows: tuple[SpanSummary, ...] = ()
    action: ReportAction | None = None
    retraining: OneLine = ""
    missing: tuple[Missing, ...] = ()
    rollout: RolloutVerdict | None = None
    links: tuple[Link, ...] = ()


def without_empty_parts(report: Report) -> Report:
    """Leave out what says nothing on a GREY window without rows: rules, columns, trends, findings.

    Args:
        report: Content of the report.
    """
    if report.verdict.state is not State.GREY or report.counts.rows:
        return report
    verdict = report.verdict.model_copy(update={"rules": (), "reasons": report.verdict.reasons[:1]})
    nothing = dict.fromkeys(
        (
            "metrics",
            "findings",
            "failed_expectations",
            "history",
            "threshold_lines",
            "worst_columns",
            "bad_slices",
            "longer_windows",
        ),
        (),
    )
    return report.model_copy(update={**nothing, "verdict": verdict, "headline_metric": "", "retraining": ""})
