"""The reports that the tests render: each change of state, a hostile day, a digest.

Golden files: ``pytest tests/unit/report --renew-golden`` writes them anew; look at the difference, and at
the page in a browser, before committing it.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from daywatch.config.model.columns import ColumnType, Task
from daywatch.report.content import Link, Missing, Report, ReportAction, ReportCounts, ReportIncident
from daywatch.report.digest import BackfillRow, Digest, DigestRow
from daywatch.report.figures import ColumnComparison, HistoryPoint, SpanSummary, ThresholdLine
from daywatch.results import (
    Against,
    BadSlice,
    ExpectationResult,
    Finding,
    FindingCode,
    Metric,
    Severity,
    State,
)
from daywatch.verdicts import CauseKind, RuleOutcome, Verdict, VerdictCause

_AUC = (0.897, 0.941, 0.734, 0.928, 0.882, 0.879, 0.935, 0.803, 0.637)
_ROWS = (926, 682, 814, 932, 890, 895, 932, 930, 756)
_DELAY = ("-30 to 20", "20 to 70", "70 to 120", "120 to 170", "170 to 220", "220 to 270", "270 to 320")
_MILES = ("0 to 2", "2 to 4", "4 to 6", "6 to 8", "8 to 10")
_WIND = ("0 to 4", "4 to 8", "8 to 12", "12 to 16", "16 to 20", "20 to 24", "24 to 28", "above 28")


def _history() -> tuple[HistoryPoint, ...]:
    points = []
    for day, (auc, rows) in enumerate(zip(_AUC, _ROWS, strict=True), 1):
        state = State.GREEN if auc >= 0.8 else State.AMBER if auc > 0.7 else State.RED
        window = f"2013-02-{day:02d}"
        points.append(HistoryPoint(window=window, state=state, value=auc, rows=rows, labelled=rows))
    return tuple(points)


def _column(
    name: str, scores: tuple[float, float], labels: tuple[str, ...], shares: tuple[str, str], sentence: str
) -> ColumnComparison:
    before, now = (tuple(float(number) for number in text.split()) for text in shares)
    return ColumnComparison(
        column=name,
        type=ColumnType.NUMBER,
        score=scores[0],
        threshold=scores[1],
        method="Wasserstein distance (normed)",
        baseline_bars=tuple(zip(labels, before, strict=True)),
        current_bars=tuple(zip(labels, now, strict=True)),
        sentence=sentence,
    )


_COLUMNS = (
    _column(
        "dep_delay",
        (0.412, 0.1),
        (*_DELAY, "missing"),
        ("0.79 0.11 0.04 0.02 0.01 0.005 0.005 0.02", "0.31 0.07 0.04 0.02 0.02 0.01 0.0 0.53"),
        "53.0 % of the values are missing, 2.0 % in the baseline. Mean 22.4, 12.9 in the baseline.",
    ),
    _column(
        "visib",
        (0.388, 0.1),
        _MILES,
        ("0.05 0.04 0.05 0.07 0.79", "0.21 0.12 0.09 0.10 0.48"),
        "Mean 6.890, 8.810 in the baseline.",
    ),
    _column(
        "wind_speed",
        (0.297, 0.1),
        _WIND,
        ("0.08 0.27 0.31 0.20 0.09 0.04 0.01 0.0", "0.01 0.06 0.11 0.19 0.28 0.22 0.10 0.03"),
        "Mean 18.2, 10.4 in the baseline.",
    ),
)

_RULES = (
    RuleOutcome(
        rule="roc_auc: green >= 0.8, red <= 0.7",
        metric="roc_auc",
        value=0.637,
        baseline=0.865,
        state=State.RED,
        reason="ROC AUC is 0.637 (0.595 to 0.677, 756 rows; baseline 0.865, -0.228): red <= 0.7",
        short="ROC AUC 0.64 (red <= 0.7)",
    ),
    RuleOutcome(
        rule="drifted_share: amber > 30 %, red > 60 %",
        metric="drifted_share",
        value=0.538,
        baseline=None,
        state=State.AMBER,
        reason="7 of 13 columns drifted (53.8 %), AMBER above 30 %.",
        short="7 of 13 columns drifted",
    ),
    RuleOutcome(
        rule="null_share(dep_delay): green <= 5 %",
        metric="null_share",
        column="dep_delay",
        value=0.53,
        baseline=0.02,
        state=State.AMBER,
        reason="53.0 % of dep_delay are missing, AMBER above 5 %; 2.0 % in the baseline.",
        short="dep_delay 53 % missing",
    ),
    RuleOutcome(
        rule="quarantined_share: amber > 1 %",
        metric="quarantined_share",
        value=0.0,
        state=State.GREEN,
        reason="No record was quarantined.",
        short="0 % quarantined",
    ),
)


def _worth(name: str, value: float, ends: tuple[float, float], rows: int, baseline: float) -> Metric:
    low, high = ends
    return Metric(
        name=name, value=value, low=low, high=high, rows=rows, baseline=baseline, baseline_rows=rows * 11
    )


_METRICS = (
    _worth("accuracy", 0.619, (0.584, 0.653), 756, 0.842),
    _worth("precision", 0.705, (0.618, 0.779), 122, 0.781),
    _worth("recall", 0.311, (0.259, 0.369), 276, 0.624),
    _worth("f1", 0.432, (0.37, 0.495), 312, 0.694),
    Metric(name="recall", class_name="0", value=0.925, baseline=0.961),
    _worth("true_positives", 86, (70, 105), 756, 1850),
    _worth("precision_macro", 0.654, (0.61, 0.7), 756, 0.84),
    _worth("roc_auc", 0.637, (0.595, 0.677), 756, 0.865),
    _worth("pr_auc", 0.538, (0.479, 0.596), 756, 0.741),
    _worth("lift", 1.94, (1.62, 2.2), 756, 3.31),
    _worth("log_loss", 1.214, (1.11, 1.318), 756, 0.389),
    _worth("brier_score", 0.271, (0.247, 0.295), 756, 0.121),
    Metric(name="calibration_error", note="2 probabilities lie outside 0 to 1", rows=756, baseline=0.021),
    Metric(
        name="drift_score", column="dep_delay", value=0.412, threshold=0.1, method="wasserstein", alert=True
    ),
    Metric(
        name="drift_score", column="carrier", value=0.08, threshold=0.1, method="jensenshannon", alert=False
    ),
)

_EXPECTATIONS = (
    ExpectationResult(
        expectation="expect_table_row_count_to_be_between",
        kwargs='{"max_value": 1100, "min_value": 760}',
        severity=Severity.WARNING,
        success=False,
        observed="756",
    ),
    ExpectationResult(
        expectation="expect_column_values_to_not_be_null",
        column="dep_delay",
        kwargs='{"column": "dep_delay", "mostly": 0.95}',
        severity=Severity.CRITICAL,
        success=False,
        element_count=756,
        unexpected_count=401,
        unexpected_percent=53.04,
    ),
)

_SLICES = (
    BadSlice(
        slice="origin=JFK & carrier=B6",
        rows=83,
        rows_share=0.11,
        error_share=0.46,
        baseline_error_share=0.09,
        metric="roc_auc",
        value=0.44,
        baseline=0.858,
    ),
    BadSlice(slice="origin=JFK", rows=283, rows_share=0.374, error_share=0.6, metric="roc_auc", value=0.576),
)

_SPANS = (
    SpanSummary(
        over=7,
        against=Against.FROZEN,
        drifted=2,
        scored=12,
        column="dep_delay",
        value=0.611,
        threshold=0.5,
        method="wasserstein",
    ),
    SpanSummary(
        over=1,
        against=Against.SAME_MONTH,
        note="the same month last year: 28 of 28 days were not measured: 2012-02-01 to 2012-02-28",
    ),
)


INCIDENTS = "https://airflow.example.org/daywatch/-/incidents/"


def _incident(**changes: object) -> ReportIncident:
    """Return the incident of the blizzard: new, and nobody looks after it."""
    given = {
        "sentence": _RULES[0].reason,
        "state": State.RED,
        "first": "2013-02-09",
        "happened": "opened",
        "link": f"{INCIDENTS}5b1f0c2e9a474c11-2013-02-09",
    }
    return ReportIncident.model_validate({**given, **changes})


def blizzard_report() -> Report:
    """Return the RED of 9 February 2013, with everything a report can show."""
    return Report(
        model="flights",
        namespace="/daywatch/demo",
        owner="Flight operations analytics",
        tier=1,
        description="Predicts at departure whether a flight arrives more than 15 minutes late or not at all.",
        task=Task.BINARY,
        window="2013-02-09",
        revision="5b1f0c2e9a47",
        baseline_id="2013-01-22_2013-01-31-8c41d0",
        verdict=Verdict(
            state=State.RED,
            reasons=tuple(rule.reason for rule in _RULES[:3]),
            short="ROC AUC 0.64 (red <= 0.7)",
            rules=_RULES,
        ),
        previous_state=State.GREEN,
        since="2013-02-09",
        windows_in_state=1,
        incidents=(_incident(),),
        metrics=_METRICS,
        findings=(
            Finding(
                code=FindingCode.WORST_SLICE,
                detail="worst slice origin=JFK & carrier=B6: 11.0 % of the rows, 46.0 % of the prediction errors "
                "(9.0 % in the baseline); without it ROC AUC is 0.741, with it 0.637: 45.6 % of its change from 0.865",
                count=83,
            ),
            Finding(
                code=FindingCode.VANISHED_CATEGORY,
                column="carrier",
                detail="2 of 16 values of the baseline did not come: HA, OO.",
                count=2,
            ),
        ),
        failed_expectations=_EXPECTATIONS,
        counts=ReportCounts(records=756, rows=756, quarantined=0, unanswered=0, labelled=756),
        headline_metric="roc_auc",
        history=_history(),
        threshold_lines=(
            ThresholdLine(state=State.GREEN, value=0.8, text=">= 0.8"),
            ThresholdLine(state=State.RED, value=0.7, text="<= 0.7"),
        ),
        worst_columns=_COLUMNS,
        bad_slices=_SLICES,
        longer_windows=_SPANS,
        action=ReportAction(
            do="Switch the delay board to schedule times, find out why departure delays are missing, "
            "and compare the retrained model before it is promoted.",
            who="On-call of flight operations analytics",
            within_hours=4,
        ),
        retraining="The plan asks for it; its run in Airflow is retrain__flights__2013-02-09.",
        links=(
            Link(title="Airflow run", url="http://localhost:8080/dags/monitor__flights/runs/2013-02-09"),
            Link(
                title="Full Evidently report",
                url="s3://artifacts/flights/windows/2013-02-09/5b1f0c2e9a47/evidently.html",
            ),
            Link(title="Monitoring plan", url="https://example.org/models/flights.yaml"),
        ),
    )


def no_data_report() -> Report:
    """Return a GREY: no captures at all."""
    reason = "No captures under s3://data/flights-endpoint/AllTraffic/2013/02/10/."
    return blizzard_report().model_copy(
        update={
            "window": "2013-02-10",
            "verdict": Verdict(state=State.GREY, reasons=(reason,), short="no captures", rules=()),
            "previous_state": State.RED,
            "since": "2013-02-10",
            "incidents": (_incident(happened=""),),
            "metrics": (),
            "findings": (),
            "failed_expectations": (),
            "counts": ReportCounts(records=0, rows=0, quarantined=0, unanswered=0, labelled=0),
            "history": (
                *_history(),
                HistoryPoint(window="2013-02-10", state=State.GREY, value=None, rows=0, labelled=0),
            ),
            "worst_columns": (),
            "bad_slices": (),
            "action": ReportAction(
                do="Ask the owner of the endpoint whether it served requests and whether capture is on.",
                who="On-call of flight operations analytics",
                within_hours=24,
            ),
            "retraining": "",
            "missing": (
                Missing(
                    what="Capture records",
                    where="s3://data/flights-endpoint/AllTraffic/2013/02/10/00/ to 23/",
                ),
            ),
        }
    )


_MISSING = "dep_delay is missing in 53.0 % of 756 rows (baseline 2.0 %)"


def amber_to_red_report() -> Report:
    """Return a RED after an AMBER: an incident became worse, its cause explains the fall, retraining is refused."""
    cause = VerdictCause(
        rank=1,
        kind=CauseKind.DATA,
        name="missing_values",
        column="dep_delay",
        fingerprint="0" * 16,
        state=State.RED,
        sentence=_MISSING,
        short="dep_delay missing in 53.0 %",
        metric="null_share",
        value=0.53,
        baseline=0.02,
    )
    fall = cause.model_copy(
        update={
            "rank": 2,
            "kind": CauseKind.WORLD,
            "name": "performance_fall",
            "column": "",
            "fingerprint": "1" * 16,
            "sentence": _RULES[0].reason,
            "short": "ROC AUC 0.637 (baseline 0.865)",
            "parent": cause.fingerprint,
        }
    )
    red = _RULES[2].model_copy(update={"state": State.RED, "reason": _MISSING, "short": cause.short})
    history = _history()
    day_before = history[-2].model_copy(update={"state": State.AMBER})
    return blizzard_report().model_copy(
        update={
            "verdict": Verdict(
                state=State.RED,
                reasons=(_MISSING, _RULES[0].reason),
                short=cause.short,
                rules=(red, *_RULES[:2]),
                causes=(cause, fall),
            ),
            "previous_state": State.AMBER,
            "history": (*history[:-2], day_before, history[-1]),
            "incidents": (
                _incident(sentence=_MISSING, first="2013-02-08", happened="worsened", acknowledged_by="Ada"),
                _incident(
                    sentence="temp is missing in 2.1 % of 756 rows (baseline 0 %)",
                    state=State.AMBER,
                    models=2,
                    link=f"{INCIDENTS}99",
                ),
            ),
            "retraining": "No. The data is at fault, and a model trained on it would learn the fault: "
            "dep_delay missing in 53.0 %.",
        }
    )


def recovered_report() -> Report:
    """Return a GREEN after a RED, which closes the incident."""
    history = (
        *_history(),
        HistoryPoint(window="2013-02-10", state=State.GREEN, value=0.83, rows=755, labelled=755),
    )
    return good_day_report().model_copy(
        update={
            "window": "2013-02-10",
            "verdict": Verdict(
                state=State.GREEN,
                reasons=("ROC AUC is 0.830 (0.790 to 0.870, 755 rows; baseline 0.865, -0.035)",),
                short="ROC AUC 0.83",
                rules=(_RULES[3],),
            ),
            "previous_state": State.RED,
            "since": "2013-02-10",
            "recovered_from": State.RED,
            "bad_since": "2013-02-08",
            "bad_days": 2,
            "metrics": (Metric(name="roc_auc", value=0.83, baseline=0.865),),
            "history": history[1:],
            "incidents": (
                _incident(sentence=_MISSING, first="2013-02-08", happened="closed", is_open=False),
            ),
        }
    )


def team_digest() -> Digest:
    """Return a digest: an acknowledged RED on its tenth day, an AMBER, missing labels, a GREEN, a backfill."""
    rows = (
        DigestRow(
            model="flights",
            tier=1,
            state=State.RED,
            window="2013-02-18",
            since="2013-02-09",
            days=10,
            cause=_MISSING,
            acknowledged_by="Ada",
            more=1,
            link=f"{INCIDENTS}5b1f0c2e9a474c11-2013-02-09",
        ),
        DigestRow(
            model="claims",
            tier=2,
            state=State.AMBER,
            window="2013-02-18",
            since="2013-02-18",
            days=1,
            cause="amount drifted: its distance from the baseline is 0.4, twice its threshold",
            link=f"{INCIDENTS}77-2013-02-18",
        ),
        DigestRow(model="fraud", tier=2, state=State.GREY, window="2013-02-18", cause="no labels"),
        DigestRow(model="new_model", tier=3, state=None, window=""),
        DigestRow(model="flights_service", tier=2, state=State.GREEN, window="2013-02-18"),
    )
    states = ((State.RED, 2), (State.GREEN, 88))
    past = BackfillRow(model="fraud", first="2012-11-01", last="2013-01-29", windows=90, states=states)
    fleet = Link(title="All models", url="https://airflow.example.org/daywatch/")
    return Digest(
        owner="Flight operations analytics",
        day=date(2013, 2, 19),
        rows=rows,
        backfills=(past,),
        links=(fleet,),
    )


def good_day_report() -> Report:
    """Return a GREEN after an AMBER: nothing to do, little to show."""
    return blizzard_report().model_copy(
        update={
            "verdict": Verdict(
                state=State.GREEN,
                reasons=("All 4 rules are met: ROC AUC is 0.928.",),
                short="ROC AUC 0.93",
                rules=(_RULES[3],),
            ),
            "window": "2013-02-04",
            "previous_state": State.AMBER,
            "since": "2013-02-04",
            "recovered_from": State.AMBER,
            "bad_since": "2013-02-03",
            "bad_days": 1,
            "incidents": (),
            "metrics": (Metric(name="roc_auc", value=0.928, baseline=0.865),),
            "history": _history()[:4],
            "failed_expectations": (),
            "findings": (),
            "worst_columns": (),
            "bad_slices": (),
            "longer_windows": (),
            "action": None,
            "retraining": "",
        }
    )


HOSTILE = "<script>alert(1)</script>\"'&\r\nBcc: x@example.org\u202egnp.exe\x1b[31m\x00\u200b"


def hostile_report() -> Report:
    """Return the blizzard with a payload wherever captured data or configuration may bring one."""
    report = blizzard_report()
    column = report.worst_columns[0]
    bars = ((HOSTILE, 0.4), ("東京", 0.3), ("A" * 5000, 0.3))
    verdict = report.verdict.model_copy(
        update={
            "short": HOSTILE,
            "reasons": (HOSTILE,),
            "rules": (report.verdict.rules[0].model_copy(update={"column": HOSTILE, "rule": HOSTILE}),),
        }
    )
    finding = Finding(code=FindingCode.NEW_CATEGORY, column=HOSTILE, detail=HOSTILE * 2000, count=1)
    worst = Finding(code=FindingCode.WORST_SLICE, detail=HOSTILE, count=1)
    expectation = report.failed_expectations[0].model_copy(
        update={
            "column": HOSTILE,
            "observed": HOSTILE * 2000,
            "kwargs": json.dumps({"value_set": [HOSTILE] * 99}),
        }
    )
    return report.model_copy(
        update={
            "verdict": verdict,
            "description": HOSTILE,
            "owner": HOSTILE,
            "worst_columns": (
                column.model_copy(
                    update={
                        "column": HOSTILE,
                        "baseline_bars": bars,
                        "current_bars": bars,
                        "sentence": HOSTILE,
                    }
                ),
            ),
            "longer_windows": (_SPANS[0].model_copy(update={"column": HOSTILE, "note": HOSTILE}),),
            "bad_slices": (_SLICES[0].model_copy(update={"slice": HOSTILE}),) * 10,
            "findings": (worst, *(finding,) * 500),
            "failed_expectations": (expectation,) * 500,
            "links": (Link(title=HOSTILE, url="javascript:alert(1)"), Link(title="x", url='https://a/"><b>')),
            "retraining": HOSTILE,
            "incidents": (
                _incident(sentence=HOSTILE, acknowledged_by=HOSTILE),
                _incident(link="javascript:x"),
            )
            * 2,
        }
    )


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the way to renew the golden files."""
    parser.addoption("--renew-golden", action="store_true", default=False, help="write the golden files anew")


@pytest.fixture
def renew_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are written instead of compared; never where the whole suite runs."""
    return bool(request.config.getoption("renew_golden", default=False))


@pytest.fixture
def golden() -> Path:
    """The folder of the golden files."""
    return Path(__file__).parent / "golden"


@pytest.fixture
def blizzard() -> Report:
    """RED, with everything a report can show."""
    return blizzard_report()


@pytest.fixture
def no_data() -> Report:
    """GREY."""
    return no_data_report()


@pytest.fixture
def hostile() -> Report:
    """Payloads everywhere."""
    return hostile_report()


@pytest.fixture
def reports() -> dict[str, Report]:
    """All of them by name."""
    return {
        "blizzard": blizzard_report(),
        "no_data": no_data_report(),
        "good_day": good_day_report(),
        "amber_to_red": amber_to_red_report(),
        "recovered": recovered_report(),
        "hostile": hostile_report(),
    }


@pytest.fixture
def digest() -> Digest:
    """A team's models, the worst first."""
    return team_digest()
