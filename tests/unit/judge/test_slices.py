"""Rules on slices: one of them, or the worst of all."""

from __future__ import annotations

from typing import Any

import pytest
from counts import export_counts
from daywatch.config.model.plan import Plan
from daywatch.judge.verdict import judge
from daywatch.results import Metric, State
from daywatch.verdicts import RuleOutcome

ACTION = {"do": "look", "who": "team", "within_hours": 24}

WINDOW = (
    Metric(name="records", value=1000),
    Metric(name="rows", value=1000),
    Metric(name="labelled", value=900),
    Metric(name="labelled_share", value=0.9),
    Metric(name="accuracy", value=0.8, baseline=0.9),
)


def of(name: str, accuracy: float | None, baseline: float | None = 0.9, **notes: str) -> list[Metric]:
    """A slice; without an accuracy it was not measured."""
    volume = [Metric(name=one, slice=name, value=5, note=notes.get(one, "")) for one in ("rows", "labelled")]
    if accuracy is None:
        return volume
    return [
        *volume,
        Metric(name="accuracy", slice=name, value=accuracy, baseline=baseline, class_name="x"),
        Metric(name="accuracy", slice=name, value=accuracy, baseline=baseline),
    ]


def outcome(rule: dict[str, Any], *metrics: Metric, rows: int = 1000) -> RuleOutcome:
    plan = Plan.model_validate({"rules": [rule], "actions": dict.fromkeys(("amber", "red", "grey"), ACTION)})
    window = [one.model_copy(update={"value": rows}) if one.name == "rows" else one for one in WINDOW]
    (found,) = judge(plan, [*window, *metrics], export_counts()).rules
    return found


ONE = {"metric": "accuracy", "slice": "origin=JFK", "amber": "< 0.8", "red": "< 0.7"}
ANY = {**ONE, "slice": "any"}


@pytest.mark.parametrize(("value", "state"), [(0.9, State.GREEN), (0.75, State.AMBER), (0.6, State.RED)])
def test_one_slice(value: float, state: State) -> None:
    found = outcome(ONE, *of("origin=EWR", 0.1), *of("origin=JFK", value))
    assert (found.state, found.slice, found.value, found.baseline) == (state, "origin=JFK", value, 0.9)
    assert found.reason.startswith(f"Accuracy in origin=JFK is {value:.3f} (baseline 0.900")


def test_the_window_is_not_a_slice() -> None:
    found = outcome({"metric": "accuracy", "red": "< 0.7"}, *of("origin=JFK", 0.1))
    assert (found.state, found.slice, found.value) == (State.GREEN, "", 0.8)


@pytest.mark.parametrize(
    ("metrics", "reason"),
    [
        ([], "no row of the baseline or of the window is in such a slice"),
        (of("origin=JFK", None, rows="not measured: 5 rows"), "not measured: 5 rows"),
        (of("origin=JFK", None, labelled="5 labelled rows"), "5 labelled rows"),
        (of("origin=JFK", None), "it was not measured"),
    ],
)
def test_a_slice_without_evidence_is_grey(metrics: list[Metric], reason: str) -> None:
    found = outcome(ONE, *metrics)
    assert found.state is State.GREY
    assert found.reason == f"Accuracy in origin=JFK is unknown: {reason}"


def test_any_is_the_worst_of_all_and_counts_the_others() -> None:
    metrics = [*of("a", 0.75), *of("b", 0.6), *of("c", 0.5), *of("d", 0.65), *of("version=1", 0.1)]
    found = outcome(ANY, *metrics)
    assert (found.state, found.slice, found.value) == (State.RED, "c", 0.5)
    assert found.reason == "Accuracy in c is 0.500 (baseline 0.900): red < 0.7; 2 other slices RED too"
    assert found.short == "Accuracy in c 0.500 (red < 0.7)"


@pytest.mark.parametrize(
    ("rule", "worst"),
    [
        ({"metric": "accuracy", "slice": "any", "green": ">= 0.99"}, "low"),
        ({"metric": "accuracy", "slice": "any", "amber": "> 0.1"}, "high"),
        ({"metric": "accuracy", "slice": "any", "amber": "falls by 1 %"}, "fell"),
        ({"metric": "accuracy", "slice": "any", "amber": "rises by 0.01"}, "rose"),
        ({"metric": "accuracy", "slice": "any", "amber": "changes by 0.01"}, "fell"),
    ],
)
def test_the_worst_is_that_in_the_direction_of_the_rule(rule: dict[str, Any], worst: str) -> None:
    metrics = [
        *of("low", 0.2, 0.21),
        *of("high", 0.98, 0.97),
        *of("fell", 0.5, 0.9),
        *of("rose", 0.7, 0.5),
    ]
    found = outcome(rule, *metrics)
    assert (found.slice, found.state) == (worst, State.AMBER)


def test_slices_without_evidence_hide_nothing_and_are_not_green() -> None:
    grey = of("few", None, rows="not measured: 5 rows")
    assert outcome(ANY, *grey, *of("a", 0.9)).state is State.GREEN
    assert outcome(ANY, *grey, *of("a", 0.6)).state is State.RED
    assert outcome(ANY, *grey).state is State.GREY
    nothing = outcome(ANY)
    assert (nothing.state, nothing.reason) == (
        State.GREY,
        "Accuracy in any slice is unknown: no slice was measured",
    )


def test_a_window_with_too_few_rows_is_not_judged_by_slices() -> None:
    found = outcome(ANY, *of("a", 0.1), rows=10)
    assert found.state is State.GREY
    assert (
        found.reason == "Accuracy in any slice is not judged: 10 rows, fewer than the plan's minimum of 100"
    )


def test_a_class_of_a_slice() -> None:
    metrics = [
        Metric(name="recall", class_name=name, slice="a", value=value)
        for name, value in (("x", 0.1), ("y", 0.9))
    ]
    rule = {"metric": "recall", "class_name": "x", "slice": "a", "red": "< 0.5"}
    assert outcome(rule, *metrics).state is State.RED
    assert outcome({**rule, "class_name": "y"}, *metrics).state is State.GREEN


def test_each_column_of_a_slice_has_its_own_rule() -> None:
    metrics = [
        Metric(name="drift_score", column=name, slice="a", value=value)
        for name, value in (("x", 0.1), ("y", 0.9))
    ]
    rule = {"metric": "drift_score", "column": "x", "slice": "a", "red": "> 0.5"}
    assert outcome(rule, *metrics).state is State.GREEN
    assert outcome({**rule, "column": "y"}, *metrics).state is State.RED
    assert outcome({**rule, "column": "z"}, *metrics).state is State.GREY


def test_the_drift_of_the_answer_names_its_column() -> None:
    metric = Metric(name="prediction_drift", column="probability", slice="a", value=0.9)
    assert outcome({"metric": "prediction_drift", "slice": "a", "red": "> 0.5"}, metric).state is State.RED


def test_others_are_counted_only_where_they_are_bad_too() -> None:
    alone = outcome(ANY, *of("a", 0.9), *of("b", 0.75))
    assert alone.reason == "Accuracy in b is 0.750 (baseline 0.900): amber < 0.8"
    calm = outcome(ANY, *of("a", 0.95), *of("b", 0.9))
    assert calm.reason == "Accuracy in b is 0.900 (baseline 0.900)"
    two = outcome(ANY, *of("a", 0.75), *of("b", 0.76))
    assert two.reason.endswith("amber < 0.8; 1 other slice AMBER too")


@pytest.mark.parametrize(
    ("rule", "values", "worst"),
    [
        ({"amber": "< 0.9"}, {"none": 0.0, "half": 0.5}, "none"),
        ({"amber": "rises by 0.1"}, {"half": 0.6, "whole": 0.7}, "whole"),
        ({"green": ">= 0.5"}, {"better": 0.95, "good": 0.6}, "good"),
    ],
)
def test_the_worst_of_values_with_and_without_0(
    rule: dict[str, str], values: dict[str, float], worst: str
) -> None:
    metrics = [one for name, value in values.items() for one in of(name, value, 0.0)]
    for order in (metrics, metrics[::-1]):
        assert outcome({"metric": "accuracy", "slice": "any", **rule}, *order).slice == worst


def test_a_slice_with_few_rows_behind_a_number_is_grey() -> None:
    """Its recall of a rare class, for one: the slice itself has enough labels."""
    few = [
        Metric(name="labelled", slice="origin=JFK", value=60, threshold=30),
        Metric(name="accuracy", slice="origin=JFK", value=0.1, baseline=0.9, rows=29),
    ]
    found = outcome(ONE, *few)

    assert found.state is State.GREY
    assert "it comes from 29 rows, fewer than the plan's minimum of 30" in found.reason
    assert outcome(ONE, few[0], few[1].model_copy(update={"rows": 30})).state is State.RED


CLASSES = [
    Metric(name="recall", class_name=name, value=value, rows=rows)
    for name, value, rows in (("cash", 0.9, 500), ("card", 0.4, 300), ("cheque", 0.0, 3), ("token", 0.3, 90))
]
EACH = {"metric": "recall", "class_name": "any", "amber": "< 0.6", "red": "< 0.2"}


def test_the_worst_class_that_has_enough_rows() -> None:
    found = outcome(EACH, *CLASSES)

    assert (found.state, found.class_name, found.value) == (State.AMBER, "token", 0.3)
    assert found.reason == "Recall of token is 0.300 (): amber < 0.6; 1 other class AMBER too".replace(
        " ()", ""
    )
    assert found.rule == "recall(any): amber < 0.6, red < 0.2"


def test_no_class_was_measured() -> None:
    found = outcome(EACH)
    assert (found.state, found.reason) == (
        State.GREY,
        "Recall of any class is unknown: no class was measured",
    )
