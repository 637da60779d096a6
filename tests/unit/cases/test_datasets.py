"""A training file as the baseline: what must come out on the first day."""

from __future__ import annotations

from cases import DAY, Case, Check, Monitored, Said, Write, capture, dice, truth

RULES = [
    {"metric": "roc_auc", "amber": "falls by 50 %"},
    {"metric": "drift_score", "column": "x", "red": "< 0.0001"},
]
ACTION = {"do": "Look.", "who": "me", "within_hours": 24}
PLAN = {
    "minimum": {"rows": 1, "labels": 1},
    "rules": RULES,
    "actions": dict.fromkeys(("amber", "red", "grey"), ACTION),
}
SCORE = {"task": "binary_classification", "response": ["probability"]}


def _trained(case: Case, baseline: str, **plan: object) -> None:
    """Write a training file of two features and a label, without predictions, and a day of the endpoint."""
    numbers = dice(21)
    lines = [
        f"{int(numbers.random() < x)},{x:.4f},{n % 3}" for n, x in ((n, numbers.random()) for n in range(300))
    ]
    case.put("train.csv", "\n".join([*(["bought,x,group"] if baseline == "names" else []), *lines]))
    day, labels = [], []
    for n in range(120):
        x = numbers.random()
        day.append(capture(f"e{n}", DAY, f"{x:.4f},{n % 3}", f"{x:.4f}"))
        labels.append(truth(f"e{n}", str(int(numbers.random() < x))))
    case.captures(DAY, day)
    case.labels(DAY, labels)
    place = {"label": "bought"} if baseline == "names" else {"label": 0, "header": False}
    case.model(
        {"x": "number", "group": "category"},
        SCORE,
        baseline={"dataset": "train.csv", **place},
        drift={"numeric": {"method": "ks"}},
        slices=[{"by": ["group"]}],
        plan={**PLAN, **plan},
    )


def a_training_file(case: Case) -> None:
    """The training file has no header and no predictions."""
    _trained(case, "positions")


def drift_is_judged_and_performance_has_no_baseline(said: Said) -> None:
    assert said.codes[:2] == (0, 0)
    assert said.baseline.strip().splitlines()[-1].startswith("dataset_")
    value, baseline = said.metrics["roc_auc", ""]
    assert value is not None
    assert baseline is None
    assert said.metrics["drift_score", "x"][0] is not None
    assert said.metrics["null_share", "group"] == (0, 0)
    assert "GREY m" in said.run
    assert (
        "ROC AUC has no baseline to compare with: the baseline has no predictions; name the value under "
        "plan.baseline_values" in " ".join(said.text.split())
    )


def a_value_of_the_evaluation(case: Case) -> None:
    """The plan names the ROC AUC of the model's evaluation."""
    _trained(case, "names", baseline_values={"roc_auc": 0.86})


def performance_is_compared_with_it(said: Said) -> None:
    assert said.metrics["roc_auc", ""][1] == 0.86
    assert "GREEN m" in said.run


def the_standard_rules(case: Case) -> None:
    """The plan has no rules."""
    _trained(case, "names", preset="standard", rules=[])


def performance_is_not_taken_for_good(said: Said) -> None:
    assert "GREY m" in said.run
    assert "ROC AUC is " in said.run
    assert "and has no baseline to compare with: the baseline has no predictions" in said.run


CASES = {
    "a training file": (a_training_file, drift_is_judged_and_performance_has_no_baseline),
    "the standard rules": (the_standard_rules, performance_is_not_taken_for_good),
    "a value of the evaluation": (a_value_of_the_evaluation, performance_is_compared_with_it),
}


def test_what_comes_out(monitored: Monitored, write: Write, check: Check) -> None:
    check(monitored(write))
