"""What the report of a window is made of."""

from __future__ import annotations

from typing import Any

import pytest
from daywatch.ingest.export_counts import ExportCounts
from daywatch.judge.evidence import Evidence
from daywatch.measure.window import Measurement
from daywatch.profiles.profile import Profile
from daywatch.report.build import ReportSources, build_report
from daywatch.report.content import HISTORY_WINDOWS, Report
from daywatch.results import BadSlice, Metric, State
from daywatch.retrain.decide import Answer, RetrainingDecision
from daywatch.retrain.evidence import Condition
from daywatch.run import WindowRun
from daywatch.validation.outcome import Validation
from daywatch.verdicts import Verdict
from daywatch.warehouse.history import JudgedWindow
from models import model
from recorded import make_results

RUN = WindowRun(
    model="shop",
    start="2024-03-20T00:00:00+00:00",
    end="2024-03-21T00:00:00+00:00",
    revision="r",
    baseline_id="b",
)


def window(day: int, state: State, **metrics: float | None) -> JudgedWindow:
    return JudgedWindow(
        model="shop",
        window=f"2024-03-{day:02}",
        state=state,
        short="s",
        reasons=("r",),
        rows=10,
        labelled=5,
        metrics=metrics,
        revision="x",
    )


def report(
    state: State = State.RED,
    before: list[JudgedWindow] | None = None,
    sliced: tuple[Metric, ...] = (),
    bad: tuple[BadSlice, ...] = (),
    retraining: RetrainingDecision | None = None,
    has_labels: bool = True,
    **counts: int,
) -> Report:
    results = make_results()
    numbers: ExportCounts = results.counts.model_copy(update=counts)
    evidence = Evidence(
        counts=numbers,
        validation=Validation(results=results.expectations),
        measurement=Measurement(
            metrics=(*results.metrics, *sliced), findings=results.findings, bad_slices=bad
        ),
        profile=results.profile,
        baseline_profile=results.profile if numbers.rows else Profile(rows=0, days={}, columns=()),
    )
    sources = ReportSources(
        run=RUN,
        model=model() if has_labels else model(labels=None),
        evidence=evidence,
        verdict=Verdict(state=state, reasons=("because",), short="b", rules=()),
        before=before or [],
        earlier_state=None,
        retraining=retraining,
        links=(),
    )
    return build_report(sources)


def test_the_first_window() -> None:
    built = report()

    assert (built.previous_state, built.since, built.windows_in_state) == (None, "2024-03-20", 1)
    assert [point.window for point in built.history] == ["2024-03-20"]
    assert built.headline_metric == "roc_auc"
    assert built.history[-1].value == 0.1 + 0.2
    assert [line.text for line in built.threshold_lines]
    assert built.worst_columns[0].column == "amount"


def test_of_slices_only_the_bad_ones_are_shown() -> None:
    bad = BadSlice(slice="country=DE", rows=10, rows_share=0.1, error_share=0.5, metric="roc_auc")
    sliced = tuple(Metric(name="roc_auc", slice=name, value=0.1) for name in ("country=DE", "version=2"))
    built = report(sliced=sliced, bad=(bad,))
    assert built.bad_slices == (bad,)
    assert {metric.slice for metric in built.metrics} == {"", "version=2"}
    assert built.history[-1].value == report().history[-1].value


def test_labels_that_nobody_collects_are_no_bad_column() -> None:
    drifted = (Metric(name="drift_score", column="label", value=9.0, threshold=0.1, alert=True),)

    assert "label" in {one.column for one in report(sliced=drifted).worst_columns}
    assert "label" not in {one.column for one in report(sliced=drifted, has_labels=False).worst_columns}


def test_since_when() -> None:
    states = [State.RED, State.GREEN, State.RED, State.RED]
    before = [window(16 + n, state, roc_auc=0.5) for n, state in enumerate(states)]

    built = report(State.RED, before)

    assert (built.previous_state, built.since, built.windows_in_state) == (State.RED, "2024-03-18", 3)


def test_the_trend_shows_fourteen_windows_at_most() -> None:
    before = [window(n, State.RED, roc_auc=n / 100) for n in range(1, 20)]

    built = report(State.RED, before)

    assert len(built.history) == HISTORY_WINDOWS
    assert built.history[0].window == "2024-03-07"
    assert built.history[0].value == 0.07
    assert built.windows_in_state == 20  # all of them, also those that the trend does not show


def test_a_window_where_the_metric_was_not_measured_has_a_gap() -> None:
    assert report(before=[window(19, State.GREY)]).history[0].value is None


@pytest.mark.parametrize(
    ("state", "who"),
    [
        (State.GREEN, None),
        (State.AMBER, "the team"),
        (State.RED, "the team"),
        (State.GREY, "the team"),
    ],
)
def test_what_to_do(state: State, who: str | None) -> None:
    built = report(state)

    assert (built.action.who if built.action else None) == who


@pytest.mark.parametrize(
    ("answer", "asked", "sentence"),
    [
        (Answer.YES, True, "The plan asks for it; its run in Airflow is retrain__shop__d."),
        (
            Answer.ASK,
            True,
            "It waits for a person to approve it in Airflow, in the run retrain__shop__d.",
        ),
        (Answer.NO, True, "No. The data is at fault."),
        (Answer.NO, False, ""),
    ],
)
def test_what_was_decided_on_retraining(answer: Answer, asked: bool, sentence: str) -> None:
    decision = RetrainingDecision(
        answer=answer,
        reason="The data is at fault.",
        conditions=(Condition(name="asked", met=asked, reason="r"),),
        run_id="" if answer is Answer.NO else "retrain__shop__d",
    )

    assert report(State.RED, retraining=decision).retraining == sentence
    assert report(State.RED).retraining == ""


@pytest.mark.parametrize(
    ("counts", "missing"),
    [
        ({}, []),
        ({"labelled": 0}, [("labels", "s3://data/truth")]),
        ({"records": 0, "rows": 0, "labelled": 0}, [("capture records", "s3://data/shop")]),
    ],
)
def test_what_is_missing(counts: dict[str, int], missing: list[tuple[str, str]]) -> None:
    built = report(State.GREY, **counts)

    assert [(one.what, one.where) for one in built.missing] == missing
    if not counts.get("rows", 1):
        assert built.worst_columns == ()


def test_failed_expectations_and_intake_are_told() -> None:
    built = report()

    assert [one.expectation for one in built.failed_expectations] == [
        "expect_column_values_to_not_be_null",
        "expect_nothing",
    ]
    values: dict[str, Any] = {metric.name: metric.value for metric in built.metrics if not metric.column}
    assert values["quarantined_share"] == 2 / 13  # of the rows; of the records it is 1 / 15
    assert (values["expectations_failed"], values["expectations_failed_critical"]) == (2, 0)


def test_shares_of_nothing_are_unknown() -> None:
    built = report(State.GREY, records=0, rows=0, rows_read=0, quarantined=0, rows_quarantined=0)

    (share,) = [metric for metric in built.metrics if metric.name == "quarantined_share"]
    assert (share.value, share.note) == (None, "there are no records")


def test_a_green_window_recovers_from_the_bad_ones_before_it() -> None:
    before = [window(14, State.GREEN), window(15, State.RED), window(16, State.AMBER), window(19, State.GREY)]

    built = report(State.GREEN, before)

    assert (built.recovered_from, built.bad_since, built.bad_days) == (State.RED, "2024-03-15", 5)
    assert report(State.AMBER, before).recovered_from is None
    assert report(State.GREEN, before[:1]).recovered_from is None


@pytest.mark.parametrize(
    ("counts", "what"),
    [
        ({"records": 0}, "capture records"),
        (
            {"records": 1500, "quarantined": 1400, "unanswered": 100},
            "rows: of 1,500 records read, 1,400 quarantined, 100 without an answer",
        ),
    ],
)
def test_what_is_missing_where_there_are_no_rows(counts: dict[str, int], what: str) -> None:
    empty = {"rows": 0, "labelled": 0, "quarantined": 0, "unanswered": 0, "duplicates": 0}

    (missing,) = report(State.GREY, **{**empty, **counts}).missing

    assert missing.what == what
