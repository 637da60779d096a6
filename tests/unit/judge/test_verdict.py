"""The plan compared with what was measured."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from counts import export_counts, group
from daywatch.config.model.plan import Plan
from daywatch.ingest.export_counts import ExportCounts
from daywatch.ingest.labels.counts import ExpectedLabels
from daywatch.judge.verdict import judge
from daywatch.measure.service.past_windows import PastWindows
from daywatch.results import Finding, FindingCode, Metric, State
from daywatch.verdicts import Verdict
from models import content

GREEN, AMBER, RED, GREY = State.GREEN, State.AMBER, State.RED, State.GREY
SOURCE = export_counts().source


def plan(*rules: dict[str, Any], **minimum: Any) -> Plan:
    data = content()["plan"]
    return Plan.model_validate({**data, "rules": rules, "minimum": {**data["minimum"], **minimum}})


def rows_of(number: float) -> list[Metric]:
    """Return the counts of a day without labels."""
    counts = {"rows": number, "records": number, "labelled": 0, "labelled_share": 0}
    return [Metric(name=name, value=value) for name, value in counts.items()]


def judged(the_plan: Plan, *metrics: Metric, lost: ExportCounts | None = None, **evidence: float) -> Verdict:
    """Judge a day of 100 rows, all labelled, with other numbers where given."""
    counts = {"records": 100, "rows": 100, "labelled": 100, **evidence}
    counts.setdefault("labelled_share", counts["labelled"] / counts["rows"] if counts["rows"] else 0)
    found = [Metric(name=name, value=value) for name, value in counts.items()]
    return judge(the_plan, [*found, *metrics], lost or export_counts())


AUC = {"metric": "roc_auc", "green": ">= 0.8", "red": "<= 0.7"}
BAD_SHARE = {"metric": "quarantined_share", "amber": "> 1 %", "red": "> 20 %"}
DRIFT = {"metric": "drifted_share", "amber": "> 30 %", "red": "> 60 %"}


@pytest.mark.parametrize(
    ("value", "state"),
    [(0.8, GREEN), (0.95, GREEN), (0.799, AMBER), (0.701, AMBER), (0.7, RED), (0.0, RED), (None, GREY)],
)
def test_green_and_red_leave_amber_between(value: float | None, state: State) -> None:
    assert judged(plan(AUC), Metric(name="roc_auc", value=value)).state is state


@pytest.mark.parametrize(
    ("value", "state"), [(0.0, GREEN), (0.01, GREEN), (0.011, AMBER), (0.2, AMBER), (0.21, RED)]
)
def test_amber_and_red_leave_green_between(value: float, state: State) -> None:
    assert judged(plan(BAD_SHARE), Metric(name="quarantined_share", value=value)).state is state


@pytest.mark.parametrize(
    ("rule", "value", "state"),
    [
        ({"red": "< 5"}, 4, RED),
        ({"red": "< 5"}, 5, GREEN),
        ({"amber": "< 5"}, 4, AMBER),
        ({"amber": "< 5"}, 5, GREEN),
        ({"green": ">= 5"}, 4, AMBER),
        ({"green": ">= 5"}, 5, GREEN),
    ],
)
def test_one_condition_alone(rule: dict[str, str], value: float, state: State) -> None:
    metric = Metric(name="null_share", column="amount", value=value)

    assert judged(plan({"metric": "null_share", "column": "amount", **rule}), metric).state is state


def test_red_is_looked_at_first() -> None:
    overlapping = {"metric": "roc_auc", "green": ">= 0.5", "red": "<= 0.7"}

    assert judged(plan(overlapping), Metric(name="roc_auc", value=0.6)).state is RED


ORDER = [
    ((GREEN, GREEN), GREEN),
    ((GREEN, AMBER), AMBER),
    ((AMBER, RED), RED),
    ((GREY, GREEN), GREY),
    ((GREY, AMBER), AMBER),
    ((RED, GREY), RED),
]
VALUES = {GREEN: 0.0, AMBER: 0.5, RED: 0.9, GREY: None}


@pytest.mark.parametrize(("states", "worst"), ORDER)
def test_the_worst_rule_decides(states: tuple[State, State], worst: State) -> None:
    rules = [{**DRIFT, "metric": name} for name in ("drifted_share", "prediction_drift")]
    for pair in (states, states[::-1]):
        metrics = [
            Metric(name=rule["metric"], value=VALUES[state]) for rule, state in zip(rules, pair, strict=True)
        ]

        verdict = judged(plan(*rules), *metrics)

        assert verdict.state is worst
        assert [rule.state for rule in verdict.rules] == list(pair)
        assert verdict.reasons[0] == next(rule.reason for rule in verdict.rules if rule.state is worst)
        assert verdict.short == next(rule.short for rule in verdict.rules if rule.state is worst)


def test_no_captures() -> None:
    verdict = judged(plan(AUC), records=0, rows=0, labelled=0)

    assert (verdict.state, verdict.reasons, verdict.short) == (
        GREY,
        (f"no captures under {SOURCE}",),
        "no captures",
    )
    assert [rule.state for rule in verdict.rules] == [GREY]


def test_too_few_rows() -> None:
    verdict = judged(plan(AUC, DRIFT, rows=30), Metric(name="drifted_share", value=0.9), rows=29, labelled=29)

    assert verdict.state is GREY
    assert verdict.reasons == ("29 rows, fewer than the plan's minimum of 30",)
    assert verdict.short == "29 rows < 30"
    assert {rule.state for rule in verdict.rules} == {GREY}


@pytest.mark.parametrize("evidence", [{"rows": 30, "labelled": 30}, {"labelled": 10}])
def test_the_minimum_itself_is_enough(evidence: dict[str, int]) -> None:
    """Of rows, of labelled rows; of their share see below."""
    auc = Metric(name="roc_auc", value=0.9)

    assert judged(plan(AUC, rows=30, labels=10), auc, **evidence).state is GREEN


def test_intake_is_judged_on_any_number_of_rows() -> None:
    """A day whose every record is broken is RED, not merely unknown."""
    bad = Metric(name="quarantined_share", value=1.0)

    verdict = judged(plan(AUC, BAD_SHARE), bad, rows=0, labelled=0)

    assert verdict.state is RED
    assert verdict.reasons[0] == "Share of records or rows quarantined is 100 %: red > 20 %"


def test_a_green_intake_does_not_make_an_empty_day_green() -> None:
    verdict = judged(plan(BAD_SHARE), Metric(name="quarantined_share", value=0.0), rows=3, labelled=0)

    assert verdict.state is GREY
    assert [rule.state for rule in verdict.rules] == [GREEN]


def test_no_labels_leave_drift_judged() -> None:
    auc, drift = Metric(name="roc_auc"), Metric(name="drifted_share", value=0.9)

    red = judged(plan(AUC, DRIFT), auc, drift, labelled=0)
    assert (red.state, [rule.state for rule in red.rules]) == (RED, [GREY, RED])
    assert red.reasons == (
        "Share of drifted columns is 90.0 %: red > 60 %",
        "ROC AUC is not judged: 0 labelled rows, fewer than the plan's minimum of 10",
    )

    calm = judged(plan(AUC, DRIFT), auc, Metric(name="drifted_share", value=0.0), labelled=0)
    assert (calm.state, calm.short) == (GREY, "no labels")


def test_few_labels_are_not_judged_even_where_a_number_could_be_computed() -> None:
    verdict = judged(plan(AUC), Metric(name="roc_auc", value=0.1), labelled=9)

    assert (verdict.state, verdict.short) == (GREY, "9 labels < 10")
    assert verdict.rules[0].value == 0.1


RECALL = {"metric": "recall", "class_name": "1", "red": "< 0.5"}


@pytest.mark.parametrize(("rows", "words"), [(9, "9 rows"), (1, "1 row"), (0, "0 rows")])
def test_a_recall_of_few_rows_is_not_judged(rows: int, words: str) -> None:
    recall = Metric(name="recall", class_name="1", value=0.0, rows=rows)

    verdict = judged(plan(RECALL, labels=10), recall)

    assert verdict.state is GREY
    assert verdict.reasons == (
        f"Recall of 1 is not judged: it comes from {words}, fewer than the plan's minimum of 10",
    )
    assert verdict.short == f"{words} < 10"
    assert judged(plan(RECALL, labels=10), recall.model_copy(update={"rows": 10})).state is RED
    assert judged(plan(RECALL, labels=10), recall.model_copy(update={"rows": None})).state is RED


def test_a_recall_without_a_value_says_why() -> None:
    recall = Metric(name="recall", class_name="1", note="no label is of the class", rows=0)

    assert judged(plan(RECALL, labels=10), recall).reasons == (
        "Recall of 1 is unknown: no label is of the class",
    )


def test_only_metrics_of_performance_say_why_the_baseline_has_none() -> None:
    rules = [
        {"metric": "roc_auc", "red": "falls by 0.1"},
        {"metric": "roc_auc", "slice": "country=DE", "red": "falls by 0.1"},
        {"metric": "null_share", "column": "amount", "red": "rises by 0.1"},
        {"metric": "null_share", "column": "amount", "slice": "country=DE", "red": "rises by 0.1"},
    ]
    values = {"roc_auc": "", "null_share": "amount"}
    metrics = [
        Metric(name=name, column=column, value=0.9, slice=where)
        for name, column in values.items()
        for where in ("", "country=DE")
    ]
    counts = {"records": 100, "rows": 100, "labelled": 100, "labelled_share": 1.0}
    metrics += [Metric(name=name, value=value) for name, value in counts.items()]

    verdict = judge(plan(*rules), metrics, export_counts(), no_performance="it has no labels")

    assert [rule.reason for rule in verdict.rules] == [
        "ROC AUC has no baseline to compare with: it has no labels",
        "ROC AUC in country=DE has no baseline to compare with: it has no labels",
        "Share of missing values of amount has no baseline to compare with",
        "Share of missing values of amount in country=DE has no baseline to compare with",
    ]
    assert [rule.slice for rule in verdict.rules] == ["", "country=DE", "", "country=DE"]


def test_a_small_share_of_labels() -> None:
    verdict = judged(plan(AUC, label_share=0.5), Metric(name="roc_auc", value=0.1), labelled=49)

    assert verdict.state is GREY
    assert verdict.reasons[0].endswith(
        "labels 49 % mature, the plan's minimum is 50 %; no earlier window shows when to expect that"
    )
    assert judged(plan(AUC, label_share=0.5), Metric(name="roc_auc", value=0.1), labelled=50).state is RED


@pytest.mark.parametrize(
    ("share", "expectation"),
    [
        (0.85, "labels 34 % mature, expected 85 % by 12 February; the plan's minimum is 80 %"),
        (
            0.6,
            "labels 34 % mature, expected 60 % by 12 February, and no more than that; the plan's minimum is 80 %",
        ),
    ],
)
def test_what_earlier_windows_lead_to_expect(share: float, expectation: str) -> None:
    metrics = [
        Metric(name=name, value=value)
        for name, value in {"records": 100, "rows": 100, "labelled": 34, "labelled_share": 0.34}.items()
    ]
    expected = ExpectedLabels(share=share, by=date(2013, 2, 12))

    verdict = judge(
        plan(AUC, label_share=0.8), metrics, export_counts(), past=PastWindows(expected_labels=expected)
    )

    assert verdict.reasons == (f"ROC AUC is not judged: {expectation}",)


def test_target_drift_needs_labels_too() -> None:
    rule = {"metric": "target_drift", "red": "> 1"}

    assert judged(plan(rule), Metric(name="target_drift", column="label", value=2), labelled=0).state is GREY
    assert judged(plan(rule), Metric(name="target_drift", column="label", value=2)).state is RED


def test_a_number_that_is_missing_says_why() -> None:
    verdict = judged(plan(AUC), Metric(name="roc_auc", note="all labels are of one class"))
    assert verdict.reasons == ("ROC AUC is unknown: all labels are of one class",)

    assert judged(plan(AUC)).reasons == ("ROC AUC is unknown: it was not measured",)


def test_a_comparison_without_a_baseline() -> None:
    rule = {"metric": "roc_auc", "red": "falls by 10 %"}

    verdict = judged(plan(rule), Metric(name="roc_auc", value=0.5))
    assert (verdict.state, verdict.reasons) == (GREY, ("ROC AUC has no baseline to compare with",))

    verdict = judged(plan(rule), Metric(name="roc_auc", value=0.5, baseline=0.9))
    assert verdict.reasons == ("ROC AUC is 0.500 (baseline 0.900): red falls by 10 %",)
    assert (verdict.rules[0].value, verdict.rules[0].baseline) == (0.5, 0.9)


def test_metrics_of_slices_are_not_those_of_the_window() -> None:
    part = Metric(name="roc_auc", slice="country=DE", value=0.1)

    assert judged(plan(AUC), part, Metric(name="roc_auc", value=0.9)).state is GREEN


def test_each_class_has_its_own_rule() -> None:
    rules = [{"metric": "recall", "class_name": name, "red": "< 0.5"} for name in ("cash", "fraud")]
    metrics = [
        Metric(name="recall", value=0.1),
        Metric(name="recall", class_name="cash", value=0.9),
        Metric(name="recall", class_name="fraud", value=0.4, low=0.2, high=0.64, rows=20, baseline=0.7),
    ]

    verdict = judged(plan(*rules), *metrics)

    assert [(one.class_name, one.state) for one in verdict.rules] == [("cash", GREEN), ("fraud", RED)]
    assert verdict.rules[1].rule == "recall(fraud): red < 0.5"
    assert verdict.reasons == (
        "Recall of fraud is 0.400 (0.200 to 0.640, 20 rows; baseline 0.700, -0.300): red < 0.5",
    )


def test_a_class_that_was_not_measured_is_no_other() -> None:
    rule = {"metric": "recall", "class_name": "fraud", "red": "< 0.5"}

    assert judged(plan(rule), Metric(name="recall", value=0.9)).state is GREY


def test_each_column_has_its_own_rule() -> None:
    rules = [{"metric": "drift_score", "column": name, "red": "> 1"} for name in ("amount", "items")]
    metrics = [
        Metric(name="drift_score", column="amount", value=0.5),
        Metric(name="drift_score", column="items", value=2.0),
    ]

    verdict = judged(plan(*rules), *metrics)

    assert [(rule.column, rule.state) for rule in verdict.rules] == [("amount", GREEN), ("items", RED)]
    assert verdict.reasons == ("Drift score of items is 2: red > 1",)


def test_a_rule_of_a_column_is_not_met_by_another_columns_metric() -> None:
    rule = {"metric": "drift_score", "column": "items", "red": "> 1"}

    assert judged(plan(rule), Metric(name="drift_score", column="amount", value=2.0)).state is GREY


def test_green_tells_all_its_reasons() -> None:
    verdict = judged(
        plan(AUC, DRIFT), Metric(name="roc_auc", value=0.9), Metric(name="drifted_share", value=0.0)
    )

    assert verdict.reasons == ("ROC AUC is 0.900", "Share of drifted columns is 0 %")


LOST = export_counts(records=110, quarantined=10, quarantine=(group(),))
WHY = "10 of 110 records quarantined, most often not_a_number in b (10 records), such as a.jsonl, record 3: b: expected"


def test_a_rule_on_quarantine_says_why_records_are_there() -> None:
    share = Metric(name="quarantined_share", value=0.09)

    assert WHY in judged(plan(BAD_SHARE), share, lost=LOST).reasons[0]
    assert (
        WHY not in judged(plan(BAD_SHARE), Metric(name="quarantined_share", value=0.0), lost=LOST).reasons[0]
    )


def test_too_few_rows_or_labels_say_what_became_of_the_others() -> None:
    verdict = judged(plan(AUC), rows=5, labelled=0, lost=LOST)
    assert verdict.reasons[0].startswith("5 rows, fewer than the plan's minimum of 20: ")
    assert WHY in verdict.reasons[0]

    labels = export_counts(labelled=0, labels_quarantined=7, quarantine=(group("label", records=7),))
    (reason,) = judged(plan(AUC), labelled=3, lost=labels).reasons
    assert (
        "7 labels quarantined, most often not_a_number in b (7 labels), such as a.jsonl, record 3" in reason
    )

    foreign = export_counts(labelled=0, labels_unmatched=40, labels_unmatched_sample=("id-1",))
    (reason,) = judged(plan(AUC), labelled=0, lost=foreign).reasons
    assert "40 labels of no row of these days, such as that of 'id-1'" in reason


def test_a_change_in_per_cent_of_a_baseline_of_0_is_grey_with_that_reason() -> None:
    falls = {"metric": "roc_auc", "amber": "falls by 10 %", "red": "falls by 30 %"}
    nothing = Metric(name="roc_auc", value=0.0, baseline=0.0)

    verdict = judged(plan(falls), nothing)

    assert verdict.state is GREY
    assert verdict.reasons[0].startswith("ROC AUC is 0, and 0 in the baseline: 'falls by 30 %' says nothing")
    assert judged(plan({**falls, "amber": "< 0.5"}), nothing).state is AMBER
    assert judged(plan({**falls, "red": "< 0.5"}), nothing).state is RED


FAULT = Finding(
    code=FindingCode.NO_SHARED_CLASS, column="label", detail="predictions and labels share no class"
)
OWN = {"metric": "data_faults", "amber": "> 0"}


@pytest.mark.parametrize(
    ("rules", "faults", "state", "judgements"),
    [((DRIFT,), 0, GREEN, 1), ((DRIFT,), 2, RED, 2), ((DRIFT, OWN), 2, AMBER, 2), ((OWN,), 0, GREEN, 1)],
)
def test_a_fault_of_the_data_is_red_unless_the_plan_says_amber(
    rules: tuple[dict[str, Any], ...], faults: int, state: State, judgements: int
) -> None:
    metrics = rows_of(100)
    metrics.append(Metric(name="drifted_share", value=0.0))

    verdict = judge(plan(*rules), metrics, export_counts(), findings=[FAULT] * faults)

    assert (verdict.state, len(verdict.rules)) == (state, judgements)
    if faults:
        assert verdict.reasons[0].startswith("Predictions and labels share no class; ")
        assert verdict.short == "no shared class"


def test_faults_are_not_judged_on_too_few_rows() -> None:
    metrics = rows_of(3)

    assert judge(plan(DRIFT), metrics, export_counts(), findings=[FAULT]).state is GREY


@pytest.mark.parametrize(
    ("rule", "limit"),
    [
        ({"amber": "< 0.8"}, "amber < 0.8"),
        ({"red": "< 0.8"}, "red < 0.8"),
        ({"green": ">= 0.8"}, "green only >= 0.8"),
    ],
)
def test_the_reason_names_the_limit(rule: dict[str, str], limit: str) -> None:
    verdict = judged(plan({"metric": "roc_auc", **rule}), Metric(name="roc_auc", value=0.75))

    assert verdict.reasons == (f"ROC AUC is 0.750: {limit}",)
    assert verdict.short == f"ROC AUC 0.750 ({limit})"


@pytest.mark.parametrize(("labelled", "short"), [(49, "labels 49 % mature"), (0, "no labels")])
def test_labels_that_are_not_mature_in_a_few_words(labelled: int, short: str) -> None:
    assert judged(plan(AUC, label_share=0.5), labelled=labelled).short == short
    assert judged(plan(AUC, labels=80), labelled=labelled).short == (
        f"{labelled} labels < 80" if labelled else "no labels"
    )


def test_an_expectation_that_just_reaches_the_minimum() -> None:
    metrics = [Metric(name=name, value=100) for name in ("records", "rows", "labelled")]
    expected = ExpectedLabels(share=0.8, by=date(2013, 2, 12))
    some = Metric(name="labelled_share", value=0.799)

    verdict = judge(
        plan(AUC, label_share=0.8),
        [*metrics, some],
        export_counts(),
        past=PastWindows(expected_labels=expected),
    )

    assert verdict.reasons[0].endswith(
        "labels 79 % mature, expected 80 % by 12 February; the plan's minimum is 80 %"
    )


@pytest.mark.parametrize(("faults", "more"), [(3, ""), (4, "; and 1 more"), (5, "; and 2 more")])
def test_three_faults_are_named_and_the_others_counted(faults: int, more: str) -> None:
    metrics = rows_of(100)
    other = Finding(code=FindingCode.FEATURE_MISSING, column="items", detail="items is missing")

    verdict = judge(plan(OWN), metrics, export_counts(), findings=[FAULT, other] + [FAULT] * (faults - 2))

    share = "redictions and labels share no class"
    assert verdict.reasons == (f"P{share}; items is missing; p{share}{more}",)
    assert verdict.short == "no shared class, feature missing: items"
    assert (verdict.rules[0].value, verdict.rules[0].metric) == (faults, "data_faults")


def test_faults_on_too_few_rows_say_so() -> None:
    metrics = rows_of(3)

    (outcome,) = judge(plan(OWN), metrics, export_counts(), findings=[FAULT]).rules

    assert outcome.reason == "Faults of the data is not judged: 3 rows, fewer than the plan's minimum of 20"
    assert outcome.value == 1


def test_no_fault_is_green_with_its_number() -> None:
    metrics = rows_of(100)

    assert judge(plan(OWN), metrics, export_counts()).reasons == ("Faults of the data is 0",)
