"""The causes of a window: what each outcome means, what follows from what, and how they are recognized again."""

from __future__ import annotations

from typing import Any

import pytest
from daywatch.judge.causes.candidates import Lacking
from daywatch.judge.causes.rank import ranked_causes
from daywatch.judge.opinion import Opinion
from daywatch.measure.causes.diagnosis import Diagnosis
from daywatch.results import Finding, FindingCode, State
from daywatch.verdicts import CauseKind, RuleOutcome, Topic, Verdict, VerdictCause

TOPICS = {
    "drift_score": Topic.DRIFT,
    "prediction_drift": Topic.DRIFT,
    "target_drift": Topic.DRIFT,
    "roc_auc": Topic.PERFORMANCE,
    "accuracy": Topic.PERFORMANCE,
    "latency_p95": Topic.SERVICE,
}


def bad(metric: str, column: str = "", state: State = State.AMBER, **more: Any) -> RuleOutcome:
    about = f"{metric}({column})" if column else metric
    topic = TOPICS.get(metric, Topic.DATA)
    return RuleOutcome(
        rule=about,
        metric=metric,
        column=column,
        state=state,
        reason=f"{about}!",
        short=about,
        topic=topic,
        **more,
    )


def causes(
    *outcomes: RuleOutcome, faults: tuple[Finding, ...] = (), **lacking: Opinion
) -> list[VerdictCause]:
    return list(ranked_causes(outcomes, faults, Lacking(**lacking)))


def tree(found: list[VerdictCause]) -> list[tuple[str, str, str, list[str]]]:
    """Return the kind, name and column of each root, with the names of what follows from it."""
    return [
        (
            str(one.kind),
            one.name,
            one.column,
            [other.name for other in found if other.parent == one.fingerprint],
        )
        for one in found
        if not one.parent
    ]


def test_a_fault_of_a_column_explains_its_drift_the_predictions_and_the_fall() -> None:
    found = causes(
        bad("roc_auc", state=State.RED),
        bad("accuracy"),
        bad("prediction_drift", "probability"),
        bad("drift_score", "amount"),
        bad("null_share", "amount"),
        bad("drift_score", "age"),
        bad("latency_p95"),
    )

    follows = ["drift", "prediction_drift", "performance_fall"]
    assert tree(found) == [
        ("data", "missing_values", "amount", follows),
        ("world", "drift", "age", []),
        ("service", "latency_p95", "", []),
    ]
    assert [one.rank for one in found] == [1, 2, 3, 4, 5, 6]
    assert found[3].state is State.RED
    assert found[3].sentence == "roc_auc!"


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([bad("roc_auc")], ("world", "performance_fall", "", [])),
        ([bad("prediction_drift", "prediction")], ("prediction", "prediction_drift", "prediction", [])),
        ([bad("target_drift", "label")], ("world", "label_drift", "label", [])),
        (
            [bad("target_drift", "label"), bad("roc_auc")],
            ("world", "label_drift", "label", ["performance_fall"]),
        ),
        (
            [bad("hours_without_captures"), bad("volume_change", value=-0.5, state=State.RED)],
            ("service", "missing_hours", "", ["volume_fall"]),
        ),
        (
            [bad("duplicates_share"), bad("volume_change", value=1.0)],
            ("service", "duplicates", "", ["volume_rise"]),
        ),
        (
            [bad("model_version_changed"), bad("roc_auc")],
            ("service", "model_version_changed", "", ["performance_fall"]),
        ),
        (
            [bad("quarantined_share"), bad("type_mismatch_share", "age")],
            ("data", "type_mismatch", "age", ["quarantined"]),
        ),
        (
            [bad("null_share", "label"), bad("target_drift", "label")],
            ("labels", "missing_values", "label", ["label_drift"]),
        ),
    ],
)
def test_kinds(outcomes: list[RuleOutcome], expected: tuple[str, str, str, list[str]]) -> None:
    assert tree(causes(*outcomes)) == [expected]


def test_a_slice_explains_only_itself() -> None:
    found = causes(bad("null_share", "amount", slice="city=Rome"), bad("drift_score", "amount"))

    assert [one.parent for one in found] == ["", ""]
    assert causes(bad("null_share", "amount"), bad("drift_score", "amount", slice="city=Rome"))[1].parent


def test_faults_of_the_data_are_causes_of_their_own() -> None:
    faults = (
        Finding(code=FindingCode.FEATURE_MISSING, column="amount", detail="amount is missing in every one"),
        Finding(code=FindingCode.WORSE_THAN_CHANCE, column="label", detail="ROC AUC is 0.2"),
        Finding(code=FindingCode.NO_POSITIVE_CLASS, column="prediction", detail="no prediction is positive"),
    )

    found = causes(bad("data_faults", state=State.RED), bad("drift_score", "amount"), faults=faults)

    assert tree(found) == [
        ("data", "missing_values", "amount", ["drift"]),
        ("labels", "worse_than_chance", "label", []),
        ("prediction", "one_class", "prediction", []),
    ]
    assert [one.sentence for one in found if not one.parent] == [
        "amount is missing in every one",
        "ROC AUC is 0.2",
        "No prediction is positive",
    ]
    missing = causes(bad("null_share", "amount"))
    assert missing[0].fingerprint == found[0].fingerprint


def test_missing_evidence_is_one_cause() -> None:
    grey = [
        bad("roc_auc", state=State.GREY),
        bad("accuracy", state=State.GREY),
        bad("target_drift", state=State.GREY),
    ]
    no_labels = Opinion(State.GREY, "labels 0 % mature", "no labels")
    no_rows = Opinion(State.GREY, "12 rows", "12 rows < 30")

    (labels,) = causes(*grey, labels=no_labels)
    assert (labels.kind, labels.name, labels.sentence) == (
        CauseKind.LABELS,
        "labels_missing",
        "Labels 0 % mature",
    )
    found = causes(*grey, bad("hours_without_captures"), rows=no_rows, labels=no_labels)
    assert tree(found) == [("service", "missing_hours", "", ["too_few_rows"])]
    (unknown,) = causes(bad("drift_score", "amount", state=State.GREY))
    assert (unknown.name, unknown.column, unknown.kind) == ("not_measured", "amount", CauseKind.WORLD)


def test_the_fingerprint_is_the_same_in_every_window_and_another_for_another_column() -> None:
    one = causes(bad("null_share", "amount", value=0.3))[0]
    later = causes(bad("roc_auc"), bad("null_share", "amount", state=State.RED, value=0.9))[0]
    other = causes(bad("null_share", "age"))[0]

    assert one.fingerprint == later.fingerprint == "4b2153cef2f49327"
    assert other.fingerprint != one.fingerprint


def test_a_plan_asks_for_kinds() -> None:
    found = causes(bad("null_share", "amount"), bad("roc_auc", state=State.RED), bad("latency_p95"))
    verdict = Verdict(state=State.RED, reasons=("r",), short="s", rules=(), causes=tuple(found))

    assert [one.name for one in verdict.root_causes([CauseKind.DATA])] == ["missing_values"]
    assert [one.name for one in verdict.root_causes()] == ["missing_values", "latency_p95"]
    assert verdict.root_causes([CauseKind.WORLD, CauseKind.LABELS]) == ()


def found_by_search(name: str, column: str = "", **more: Any) -> Diagnosis:
    return Diagnosis(name=name, column=column, rows=9, sentence=f"{column} {name}.", short=name, **more)


def diagnosed(
    *outcomes: RuleOutcome, by: list[Diagnosis], faults: tuple[Finding, ...] = ()
) -> list[VerdictCause]:
    return list(ranked_causes(outcomes, faults, Lacking(), by))


def test_a_diagnosis_takes_the_place_of_the_faults_that_it_puts_into_words() -> None:
    outcomes = [
        bad("roc_auc"),
        bad("null_share", "age"),
        bad("out_of_range_share", "amount", State.RED, value=0.9),
        bad("drift_score", "amount"),
    ]

    found = diagnosed(*outcomes, by=[found_by_search("unit_change", "amount")])

    assert tree(found) == [
        ("data", "unit_change", "amount", ["drift", "performance_fall"]),
        ("data", "missing_values", "age", []),
    ]
    first = found[0]
    assert (first.state, first.sentence, first.metric, first.value) == (
        State.RED,
        "amount unit_change.",
        "out_of_range_share",
        0.9,
    )
    assert first.fingerprint == causes(*outcomes[1:3])[0].fingerprint


def test_a_diagnosis_of_what_no_rule_minds_is_no_cause() -> None:
    assert (
        diagnosed(bad("drift_score", "age"), by=[found_by_search("unit_change", "amount")])[0].name == "drift"
    )
    assert diagnosed(by=[found_by_search("unit_change", "amount")]) == []


def test_swapped_columns_are_one_cause() -> None:
    swapped = found_by_search("swapped", "age", others=("items",))

    found = diagnosed(
        bad("drift_score", "items"), bad("drift_score", "age"), bad("null_share", "items"), by=[swapped]
    )

    assert tree(found) == [("data", "swapped", "age", ["drift", "drift"])]


def test_what_explains_most_of_the_fall_comes_first() -> None:
    outcomes = [bad("null_share", "age"), bad("null_share", "amount"), bad("roc_auc", state=State.RED)]
    little = found_by_search("missing_values", "age", explained=0.1)
    most = found_by_search("missing_values", "amount", explained=0.9)

    found = diagnosed(*outcomes, by=[little, most])

    assert tree(found) == [
        ("data", "missing_values", "amount", ["performance_fall"]),
        ("data", "missing_values", "age", []),
    ]
    assert tree(diagnosed(*outcomes, by=[little]))[-1] == ("data", "missing_values", "age", [])


def test_rows_that_explain_nothing_leave_the_fall_alone() -> None:
    little = found_by_search("missing_values", "age", explained=0.0)

    found = diagnosed(bad("null_share", "age"), bad("roc_auc", state=State.RED), by=[little])

    assert tree(found) == [("world", "performance_fall", "", []), ("data", "missing_values", "age", [])]


@pytest.mark.parametrize(
    ("diagnosis", "outcomes", "expected"),
    [
        (
            found_by_search("flipped", "label"),
            [bad("target_drift", "label"), bad("roc_auc", state=State.RED)],
            ("labels", "flipped", "label", ["label_drift", "performance_fall"]),
        ),
        (
            found_by_search("prior_shift", "label"),
            [bad("target_drift", "label"), bad("accuracy")],
            ("world", "prior_shift", "label", ["performance_fall"]),
        ),
        (
            found_by_search("rescaled", "probability"),
            [bad("prediction_drift", "probability")],
            ("prediction", "rescaled", "probability", []),
        ),
        (
            found_by_search("doubled_traffic"),
            [bad("volume_change", value=1.0)],
            ("service", "doubled_traffic", "", ["volume_rise"]),
        ),
    ],
)
def test_kinds_of_diagnoses(
    diagnosis: Diagnosis, outcomes: list[RuleOutcome], expected: tuple[str, str, str, list[str]]
) -> None:
    assert tree(diagnosed(*outcomes, by=[diagnosis])) == [expected]


def test_a_column_of_one_value_is_a_fault_of_the_data() -> None:
    outcome = bad("drift_score", "amount").model_copy(update={"topic": Topic.DATA})

    assert tree(causes(outcome, bad("drift_score", "amount"))) == [("data", "constant", "amount", ["drift"])]
