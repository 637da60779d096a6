"""The standard rules: what they find, in which order, and what they leave GREEN."""

from __future__ import annotations

import math
from typing import Any

import pytest
from counts import export_counts, group
from daywatch.config.model.plan import Plan
from daywatch.judge.verdict import judge
from daywatch.measure.service.past_windows import PastWindows
from daywatch.results import Finding, FindingCode, Metric, State
from daywatch.verdicts import Topic, Verdict
from scipy.stats import binom

GREEN, AMBER, RED, GREY = State.GREEN, State.AMBER, State.RED, State.GREY
DRIFTED = "drift_score(amount)"
AUC = Metric(
    name="roc_auc",
    value=0.86,
    baseline=0.87,
    low=0.83,
    high=0.89,
    rows=1000,
    difference_low=-0.04,
    difference_high=0.02,
)


def judged(
    *metrics: Metric,
    findings: tuple[Finding, ...] = (),
    alerts_before: tuple[tuple[str, ...], ...] = (),
    plan: dict[str, Any] | None = None,
    **counts: Any,
) -> Verdict:
    """Judge a day of 1,000 rows, all labelled."""
    exported = export_counts(
        **{**dict.fromkeys(("records", "exported", "rows", "rows_read", "labelled"), 1000), **counts}
    )
    window = [
        Metric(name="records", value=exported.records),
        Metric(name="rows", value=exported.rows),
        Metric(name="labelled", value=exported.labelled),
        Metric(name="labelled_share", value=exported.labelled / exported.rows if exported.rows else None),
    ]
    the_plan = Plan.model_validate(plan or {"preset": "standard"})
    return judge(the_plan, [*window, *metrics], exported, (), findings, PastWindows(alerts=alerts_before))


def share(name: str, value: float, *, column: str = "", alert: bool = True, baseline: float = 0.0) -> Metric:
    return Metric(
        name=name, column=column, value=value, baseline=baseline, rows=1000, threshold=0.01, alert=alert
    )


def drift(column: str, value: float, threshold: float = 0.2, **changes: Any) -> Metric:
    return Metric(
        name=changes.pop("name", "drift_score"),
        column=column,
        value=value,
        threshold=threshold,
        method=changes.pop("method", "robust_wasserstein"),
        alert=value > threshold,
    )


def fallen(value: float, name: str = "roc_auc", baseline: float = 0.9) -> Metric:
    change = value - baseline
    ends = {"difference_low": change - 0.03, "difference_high": change + 0.03}
    return Metric(name=name, value=value, baseline=baseline, rows=1000, alert=True, **ends)


def test_a_plan_without_rules_is_the_standard_one() -> None:
    plan = Plan.model_validate({})

    assert plan.is_standard
    assert (plan.minimum.rows, plan.minimum.labels) == (30, 30)
    assert plan.actions.red.do


def test_rules_alone_are_judged_alone() -> None:
    plan = Plan.model_validate({"rules": [{"metric": "rows", "red": "< 5"}]})

    assert not plan.is_standard
    assert plan.minimum.rows == 100


def test_a_healthy_day_shows_its_performance() -> None:
    verdict = judged(AUC, drift("amount", 0.1), share("null_share", 0.0, column="amount", alert=False))

    assert (verdict.state, verdict.short) == (GREEN, "ROC AUC 0.860")
    assert verdict.reasons == (
        "ROC AUC is 0.860 (0.830 to 0.890, 1,000 rows; baseline 0.870, -0.010)",
        "Nothing stands out in records, values and volume",
        "None of 1 columns drifted",
    )


@pytest.mark.parametrize(
    ("metric", "state", "reason", "short"),
    [
        (
            share("null_share", 0.2, column="amount", baseline=0.01),
            AMBER,
            "amount is missing in 20.0 % of 1,000 rows (baseline 1.0 %)",
            "amount missing in 20.0 %",
        ),
        (share("null_share", 0.6, column="amount"), RED, "amount is missing in 60.0 %", "amount missing"),
        (
            share("out_of_range_share", 0.3, column="amount").model_copy(update={"method": "range 0 to 9"}),
            AMBER,
            "amount is out of the baseline's range 0 to 9 in 30.0 % of 1,000 values",
            "amount out of range",
        ),
        (
            share("new_category_share", 1.0, column="kind"),
            RED,
            "kind has categories that the baseline does not have in 100 % of 1,000 values",
            "kind in new categories",
        ),
        (
            share("type_mismatch_share", 0.6, column="age"),
            RED,
            "age does not fit its type in 60.0 % of 1,000 values",
            "age does not fit",
        ),
        (share("quarantined_share", 0.1), AMBER, "10.0 % of 1,000 records or of their rows", "10.0 % quar"),
        (share("duplicates_share", 0.5), RED, "50 % of 1,000 records came twice", "50 % of the records"),
        (
            Metric(name="volume_change", value=1.0, method="against the median of 2 of the same weekday"),
            AMBER,
            "1,000 records, 100 % more than usual: against the median of 2",
            "100 % more records",
        ),
        (Metric(name="volume_change", value=-0.9), RED, "1,000 records, 90.0 % fewer", "90.0 % fewer"),
    ],
)
def test_a_fault_of_the_data(metric: Metric, state: State, reason: str, short: str) -> None:
    if metric.name == "duplicates_share":
        reason, short = reason.replace("50 %", "50.0 %"), short.replace("50 %", "50.0 %")
    verdict = judged(metric, AUC)

    assert (verdict.state, verdict.failing and verdict.failing.topic) == (state, Topic.DATA)
    assert verdict.reasons[0].startswith(reason)
    assert verdict.short.startswith(short)


def test_the_worst_column_comes_first_and_its_rise_decides() -> None:
    missing = [
        share("null_share", value, column=name) for name, value in (("a", 0.3), ("b", 0.5), ("c", 0.4))
    ]
    verdict = judged(AUC, *missing)

    assert [one.split()[0] for one in verdict.reasons] == ["b", "c", "a"]
    assert verdict.state is RED  # a rise of 0.5 itself
    assert judged(AUC, share("null_share", 0.6, column="a", baseline=0.2)).state is AMBER


def test_quarantined_records_are_explained_and_nothing_else_is() -> None:
    lost = {"quarantined": 10, "quarantine": (group(),), "exported": 990, "reasons": {"not_a_number": 10}}
    explained = "; 10 of 1,000 records quarantined, most often not_a_number in b"

    quarantined = judged(AUC, share("quarantined_share", 0.3), **lost).reasons[0]
    assert quarantined.startswith("30.0 % of 1,000 records or of their rows are quarantined (baseline 0 %)")
    assert explained in quarantined
    assert explained not in judged(AUC, share("null_share", 0.3, column="a"), **lost).reasons[0]
    nobody_knows_why = judged(AUC, share("quarantined_share", 0.3)).reasons[0]
    assert nobody_knows_why == "30.0 % of 1,000 records or of their rows are quarantined (baseline 0 %)"


def test_a_feature_that_is_missing_is_not_missing_in_some_rows_too() -> None:
    gone = Finding(code=FindingCode.FEATURE_MISSING, column="a", detail="a is missing", count=9)
    missing = [share("null_share", 0.3, column=name) for name in ("a", "b")]

    assert judged(AUC, *missing, findings=(gone,)).reasons == (
        "a is missing",
        "b is missing in 30.0 % of 1,000 rows (baseline 0 %)",
    )


@pytest.mark.parametrize(
    ("once", "words"),
    [
        (0, ""),
        (1, "; 1 beyond its threshold in this window alone"),
        (2, "; 2 beyond their thresholds in this window alone"),
    ],
)
def test_what_nothing_stands_out_of_is_counted(once: int, words: str) -> None:
    scores = [drift(f"c{number}", 0.25 if number < once else 0.1) for number in range(3)]

    verdict = judged(AUC, *scores)

    assert verdict.state is GREEN
    assert verdict.reasons[1:] == (
        "Nothing stands out in records, values and volume",
        f"None of 3 columns drifted{words}",
    )
    found = {one.metric: (one.value, one.short) for one in verdict.rules}
    assert found["data_faults"] == (0, "nothing stands out")
    assert found["drifted_columns"] == (0, "no column drifted")


def test_what_stands_out_leaves_no_outcome_that_nothing_does() -> None:
    metrics = {rule.metric for rule in judged(AUC, share("null_share", 0.3, column="a")).rules}
    assert metrics == {"roc_auc", "null_share"}
    metrics = {rule.metric for rule in judged(AUC, drift("a", 9.0)).rules}
    assert metrics == {"roc_auc", "data_faults", "drift_score"}


def test_predictions_may_drift() -> None:
    assert judged(AUC, drift("prediction", 0.9, name="prediction_drift")).short.startswith(
        "prediction drifted"
    )


@pytest.mark.parametrize("change", [-0.39, 0.0, 0.64])
def test_a_usual_volume(change: float) -> None:
    assert judged(AUC, Metric(name="volume_change", value=change)).state is GREEN


@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        (-0.8, RED, "80.0 % fewer"),
        (-0.79, AMBER, "79.0 % fewer"),
        (-0.4, AMBER, "40.0 % fewer"),
        (0.65, AMBER, "65.0 % more"),
        (3.9, AMBER, "390 % more"),
        (4.0, RED, "400 % more"),
    ],
)
def test_a_volume_at_its_thresholds(change: float, state: State, words: str) -> None:
    verdict = judged(AUC, Metric(name="volume_change", value=change, method="against x"))

    assert verdict.state is state
    assert verdict.reasons[0] == f"1,000 records, {words} than usual: against x"
    assert verdict.short == f"{words} records than usual"


@pytest.mark.parametrize(("hours", "state"), [(1, AMBER), (11, AMBER), (12, RED)])
def test_hours_without_captures_are_red_from_half_of_the_captured_hours_on(hours: int, state: State) -> None:
    """The finding counts what chance does not explain, which may be fewer than all empty hours."""
    found = Finding(code=FindingCode.HOURS_WITHOUT_CAPTURES, detail="x", count=hours)
    metric = Metric(name="hours_without_captures", value=12, rows=24, alert=True)

    assert judged(AUC, metric, findings=(found,)).state is state
    assert judged(AUC, metric).state is GREEN
    assert judged(AUC, metric.model_copy(update={"alert": False}), findings=(found,)).state is GREEN


def test_an_outcome_of_a_standard_rule_has_its_numbers() -> None:
    missing = share("null_share", 0.3, column="amount", baseline=0.1)
    version = Finding(
        code=FindingCode.MODEL_VERSION_CHANGED, detail="the model version was 1 and is 2 now", count=2
    )

    verdict = judged(AUC, missing, findings=(version,))

    found = {rule.metric: rule for rule in verdict.rules}
    outcome = found["null_share"]
    assert (outcome.rule, outcome.column) == ("standard: null_share(amount)", "amount")
    assert (outcome.value, outcome.baseline) == (0.3, 0.1)
    changed = found["model_version_changed"]
    assert (changed.rule, changed.value) == ("standard: model_version_changed", 2)
    assert changed.reason == "The model version was 1 and is 2 now"


def test_the_first_cause_is_told_first_even_if_it_is_milder() -> None:
    """The order is that of causes, whatever the plan's order."""
    missing = share("null_share", 0.3, column="amount")
    plan = {"preset": "standard", "rules": [{"metric": "accuracy", "red": "< 0.9"}]}

    verdict = judged(
        fallen(0.55), fallen(0.5, "accuracy"), drift("age", 2.0), drift("kind", 9.0), missing, plan=plan
    )

    assert verdict.state is RED
    assert verdict.short == "amount missing in 30.0 %"
    assert [one.split()[0] for one in verdict.reasons] == ["amount", "Accuracy", "kind", "age", "ROC"]
    assert verdict.failing is not None
    assert verdict.failing.column == "amount"


def test_a_service_that_is_alone_as_bad_comes_first() -> None:
    slow = Metric(name="latency_p95", value=900.0, baseline=100.0, rows=1000)

    assert judged(slow, drift("age", 2.0)).short == "Latency p95 900 ms"
    assert judged(slow, drift("age", 2.0), fallen(0.55)).short.startswith("age drifted")


@pytest.mark.parametrize(
    ("before", "value", "state"),
    [
        ((), 0.31, AMBER),
        ((), 0.29, GREEN),
        (((DRIFTED,),), 0.21, AMBER),
        ((("drift_score(age)",), (DRIFTED,)), 0.21, AMBER),
        ((("drift_score(age)",), ("prediction_drift(amount)",)), 0.21, GREEN),
        (((DRIFTED,), (DRIFTED,)), 0.19, GREEN),
    ],
)
def test_drift_far_beyond_counts_at_once_and_else_in_two_of_three_windows(
    before: tuple[tuple[str, ...], ...], value: float, state: State
) -> None:
    assert judged(AUC, drift("amount", value), alerts_before=before).state is state


def test_a_p_value_is_beyond_its_threshold_by_the_root_of_its_logarithm() -> None:
    def p_value(value: float) -> State:
        score = drift("amount", value, 0.01, method="ks").model_copy(update={"alert": value < 0.01})
        return judged(AUC, score).state

    assert p_value(0.01**2) is GREEN
    assert p_value(0.01**2.5) is AMBER


def test_drift_of_labels_needs_labels() -> None:
    target = drift("label", 0.9, name="target_drift")

    assert judged(AUC, target).state is AMBER
    assert judged(target, labelled=0, label_source="").state is GREEN


@pytest.mark.parametrize(
    ("metric", "state"),
    [
        (fallen(0.8), AMBER),
        (fallen(0.7), RED),
        (fallen(0.8, "accuracy"), AMBER),
        (fallen(0.61, "accuracy"), AMBER),
        (fallen(0.59, "accuracy"), RED),
        (fallen(1.5, "mae"), AMBER),
        (fallen(1.8, "mae"), RED),
    ],
)
def test_performance_that_fell(metric: Metric, state: State) -> None:
    verdict = judged(metric)

    assert verdict.state is state
    assert verdict.reasons[0].endswith("more than chance explains")


@pytest.mark.parametrize(
    ("before", "value", "state"),
    [((), 0.85, AMBER), ((), 0.86, GREEN), ((("roc_auc",),), 0.86, AMBER), ((("accuracy",),), 0.86, GREEN)],
)
def test_a_fall_just_beyond_its_interval_counts_in_two_of_three_windows(
    before: tuple[tuple[str, ...], ...], value: float, state: State
) -> None:
    assert judged(fallen(value), alerts_before=before).state is state


def test_performance_without_labels() -> None:
    assert judged(AUC, labelled=10).short == "10 labels < 30"
    assert judged(AUC, labelled=10).state is GREY
    assert judged(AUC, labelled=0, label_source="").state is GREEN


def test_performance_of_few_rows_is_unknown_only_if_all_of_it_is() -> None:
    few = AUC.model_copy(update={"value": None, "note": "all labels are of one class"})

    assert judged(few).reasons[0] == "ROC AUC is unknown: all labels are of one class"
    assert judged(few).state is GREY
    accuracy = AUC.model_copy(update={"name": "accuracy", "value": 0.9, "baseline": 0.9})
    assert judged(few, accuracy).short == "Accuracy 0.900"


def test_performance_of_as_many_rows_as_the_minimum_is_known() -> None:
    assert judged(AUC.model_copy(update={"rows": 30})).state is GREEN
    few = judged(AUC.model_copy(update={"rows": 29}))
    assert few.reasons[0] == "ROC AUC is unknown: it is of 29 rows, and the plan's minimum is 30"
    assert judged(AUC, labelled=10).reasons[0].startswith("ROC AUC is not judged: ")
    of_a_class = AUC.model_copy(update={"class_name": "1", "value": 0.1})
    assert judged(of_a_class, AUC).short == "ROC AUC 0.860"


def test_performance_without_a_baseline_is_not_good() -> None:
    alone = Metric(name="roc_auc", value=0.9, rows=1000)

    assert judged(alone).state is GREY
    assert judged(alone).reasons[0] == "ROC AUC is 0.900, and has no baseline to compare with"


def test_performance_without_an_interval_is_not_good() -> None:
    """A ROC AUC of one positive row has none, however far it fell."""
    alone = Metric(name="roc_auc", value=0.1, baseline=0.9, rows=1000)

    assert judged(alone).state is GREY
    assert judged(alone).reasons[0] == (
        "ROC AUC is 0.100, and cannot be compared with the baseline: of too few rows there is no interval"
    )
    assert judged(alone, fallen(0.5, "accuracy")).state is RED
    assert judged(alone, AUC.model_copy(update={"name": "accuracy"})).state is GREEN


def test_a_rule_replaces_the_standard_one() -> None:
    missing = share("null_share", 0.3, column="amount")
    rule = {"metric": "null_share", "column": "amount", "red": "> 50 %"}

    assert judged(AUC, missing, plan={"preset": "standard", "rules": [rule]}).state is GREEN
    assert (
        judged(
            AUC, share("null_share", 0.3, column="age"), plan={"preset": "standard", "rules": [rule]}
        ).state
        is AMBER
    )


def test_findings_that_are_faults() -> None:
    hours = Finding(
        code=FindingCode.HOURS_WITHOUT_CAPTURES, detail="12 of 24 hours have no captures", count=12
    )
    empty = Metric(name="hours_without_captures", value=12, rows=24, alert=True)
    version = Finding(code=FindingCode.MODEL_VERSION_CHANGED, detail="the model version was 1 and is 2 now")
    missing = Finding(code=FindingCode.FEATURE_MISSING, column="amount", detail="amount is missing", count=9)

    assert judged(AUC, empty, findings=(hours,)).short == "12 hours without captures"
    assert judged(AUC, empty, findings=(hours,)).state is RED
    assert judged(AUC, findings=(version,)).short == "another model version"
    assert judged(AUC, findings=(missing,)).short == "feature missing: amount"


@pytest.mark.parametrize(("value", "state"), [(0.9, AMBER), (0.1, GREEN)])
def test_a_constant_is_a_fault_if_chance_does_not_explain_it(value: float, state: State) -> None:
    """A rare flag is off in every row of a small window; its distance from the baseline is small."""
    constant = Finding(code=FindingCode.COLUMN_CONSTANT, column="amount", detail="all values are the same")

    verdict = judged(AUC, drift("amount", value), findings=(constant,))

    assert verdict.state is state
    assert (state is GREEN) or verdict.short == "amount the same value in every row"


def test_a_fault_of_the_data_is_not_told_twice() -> None:
    """Predictions that are all the same are a fault, and make labels of one class what they are compared with."""
    stuck = Finding(
        code=FindingCode.CONSTANT_PREDICTION, column="prediction", detail="all predictions are '0'"
    )
    constant = Finding(code=FindingCode.ONE_CLASS, column="label", detail="labels are of one class only: '0'")

    verdict = judged(AUC, drift("label", 0.9, name="target_drift"), findings=(stuck, constant))

    assert [one.split()[0] for one in verdict.reasons] == ["All", "label"]
    assert not any("of one class only" in one for one in verdict.reasons)


@pytest.mark.parametrize(
    ("metric", "state"),
    [
        (Metric(name="error_share", value=0.03, baseline=0.001, rows=1000, baseline_rows=9000), AMBER),
        (Metric(name="error_share", value=0.3, baseline=0.001, rows=1000, baseline_rows=9000), RED),
        (Metric(name="timeout_share", value=0.03, baseline=0.02, rows=100, baseline_rows=900), GREEN),
        (Metric(name="latency_p95", value=160.0, baseline=100.0, rows=1000), AMBER),
        (Metric(name="latency_p95", value=140.0, baseline=100.0, rows=1000), GREEN),
        (Metric(name="latency_p95", value=900.0, baseline=100.0, rows=20), GREEN),
        (Metric(name="latency_p95", value=900.0, baseline=100.0, rows=99, difference_low=-1.0), GREEN),
    ],
)
def test_the_service(metric: Metric, state: State) -> None:
    assert judged(AUC, metric).state is state


@pytest.mark.parametrize(
    ("baseline", "baseline_rows", "rows"),
    [(0.1, 9000, 1000), (0.001, 9000, 300), (0.0, 60, 500), (0.0, None, 90)],
)
def test_failures_count_where_chance_gives_as_many_once_in_ten_thousand_days(
    baseline: float, baseline_rows: int | None, rows: int
) -> None:
    """By the distribution itself: the baseline's share, and one failure more in so many rows (Laplace's rule)."""
    share_of_failures = baseline + 1 / ((baseline_rows or rows) + 2)
    by_chance = [binom.pmf(failed, rows, share_of_failures) for failed in range(rows + 1)]
    least = next(failed for failed in range(rows) if math.fsum(by_chance[failed:]) <= 1e-4)

    def state(failed: int) -> State:
        errors = {"value": failed / rows, "baseline": baseline, "rows": rows, "baseline_rows": baseline_rows}
        return judged(AUC, Metric(name="error_share", **errors)).state

    assert (state(least - 1), state(least)) == (GREEN, AMBER)


@pytest.mark.parametrize(
    ("name", "baseline", "value", "state"),
    [
        ("error_share", 0.1, 0.11, GREEN),
        ("error_share", 0.1, 0.1101, AMBER),
        ("error_share", 0.1, 0.2, AMBER),
        ("error_share", 0.1, 0.2001, RED),
        ("latency_p95", 100.0, 149.9, GREEN),
        ("latency_p95", 100.0, 150.0, AMBER),
        ("latency_p95", 100.0, 299.9, AMBER),
        ("latency_p95", 100.0, 300.0, RED),
    ],
)
def test_the_service_at_its_thresholds(name: str, baseline: float, value: float, state: State) -> None:
    metric = Metric(name=name, value=value, baseline=baseline, rows=10**9, baseline_rows=10**9)

    assert judged(AUC, metric).state is state


def test_a_latency_needs_a_baseline_rows_and_a_difference() -> None:
    slow = Metric(name="latency_p95", value=900.0, baseline=100.0, rows=30, difference_low=0.5)

    assert judged(AUC, slow).state is RED
    assert judged(AUC, slow).reasons[0] == (
        "Latency p95 is 900 ms (baseline 100 ms), more than in the baseline"
    )
    assert judged(AUC, slow.model_copy(update={"rows": 29})).state is GREEN
    assert judged(AUC, slow.model_copy(update={"difference_low": 0.0})).state is GREEN
    assert judged(AUC, slow.model_copy(update={"baseline": None})).state is GREEN
    assert judged(AUC, slow.model_copy(update={"baseline": 0.0})).state is GREEN


def test_a_change_of_performance_in_words() -> None:
    rose = fallen(1.8, "mae").model_copy(update={"low": 1.7, "high": 1.9})

    assert judged(rose).reasons[0] == (
        "Mean absolute error rose from 0.900 to 1.80 (1.70 to 1.90, 1,000 rows), more than chance explains"
    )
    assert judged(rose).short == "Mean absolute error 1.80 (baseline 0.900)"
    assert judged(fallen(0.8)).reasons[0] == "ROC AUC fell from 0.900 to 0.800, more than chance explains"


def test_a_rise_of_an_error_just_beyond_its_interval_counts_in_two_of_three_windows() -> None:
    """The interval of the difference reaches from 0.01 to 0.07: its lower end is nearest to no change."""
    risen = fallen(0.94, "mae")

    assert judged(risen).state is GREEN
    assert judged(risen, alerts_before=(("mae",),)).state is AMBER
    assert judged(risen.model_copy(update={"difference_low": 0.02})).state is AMBER


def test_drift_in_words() -> None:
    known = judged(AUC, drift("amount", 0.25), alerts_before=((DRIFTED,),))

    assert known.reasons[0] == (
        "amount drifted: its distance from the baseline is 0.250, 1.25 times its threshold, and was beyond it in the "
        "windows before (robust_wasserstein)"
    )
    assert known.short == "amount drifted, 1.25 times its threshold"
    at_once = judged(AUC, drift("amount", 0.375, 0.25), alerts_before=((DRIFTED,),))
    assert at_once.reasons[0] == (
        "amount drifted: its distance from the baseline is 0.375, 1.50 times its threshold (robust_wasserstein)"
    )


def test_too_few_rows_are_grey_unless_the_intake_says_why() -> None:
    few = {"rows": 10, "rows_read": 10, "labelled": 10}

    assert judged(AUC, drift("amount", 9.0), **few).state is GREY
    assert judged(share("quarantined_share", 0.9), **few).state is RED
    assert judged(records=0, exported=0, rows=0, rows_read=0, labelled=0).short == "no captures"
