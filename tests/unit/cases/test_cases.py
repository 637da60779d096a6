"""Inputs that people's own systems write, each through the command line: what must come out.

A case is a function that writes files, and one that looks at what was said. All run in one process.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from cases import DAY, DAYS, Case, Said, as_base64, as_json, capture, dice, monitor, truth

REGRESSION = {"task": "regression", "response": ["prediction"]}
BINARY = {"task": "binary_classification", "response": ["prediction"]}


def close(value: float | None, expected: float, by: float = 0.005) -> bool:
    return value is not None and abs(value - expected) <= by


def html_that_is_json(case: Case) -> None:
    """Requests of named lists, answers that Flask sends as text/html, in a model whose YAML does not say so."""
    numbers = dice(1)
    for day in DAYS:
        lines = []
        for n in range(40):
            answer = as_base64(f"<html>{numbers.random():.3f}</html>", "text/html; charset=utf-8")
            lines.append(capture(f"{day}-{n}", day, as_json({"x": [numbers.random()]}), answer))
        case.captures(day, lines)
    case.model(
        {"x": {"type": "number", "at": "$.x[0]"}}, REGRESSION, {"metric": "rows", "red": "< 1"}, labels=None
    )


def refusal_says_what_was_read(said: Said) -> None:
    assert said.codes[1] == 4
    assert "120 records read" in said.baseline
    assert "120 quarantined" in said.baseline
    assert "such as a.jsonl, record 1: " in said.baseline
    identity = said.baseline.rsplit("--baseline ", 1)[1].split("`")[0]
    code, kept = said.command("quarantine", "--model", "m", "--baseline", identity)
    assert code == 0
    assert "endpoint/AllTraffic/2024/03/01/10/a.jsonl, record 1" in kept


def labels_that_are_no_numbers(case: Case) -> None:
    """Labels of a regression that are words."""
    numbers = dice(2)
    for day in DAYS:
        events = [f"{day}-{n}" for n in range(30)]
        case.captures(day, [capture(one, day, f"{numbers.random():.3f}", "1.5") for one in events])
        case.labels(day, [truth(one, "late") for one in events])
    case.model({"x": "number"}, REGRESSION, {"metric": "rmse", "red": "> 5"})


def refusal_says_what_became_of_the_labels(said: Said) -> None:
    assert said.codes[1] == 4
    assert "has 0 labelled rows, expected at least 1" in said.baseline
    assert "90 labels quarantined" in said.baseline
    assert "no_label (90 labels), such as a.jsonl, record 1: expected" in said.baseline


def labels_of_other_ids(case: Case) -> None:
    """Labels whose ids are those of another system."""
    numbers = dice(3)
    for day in DAYS:
        events = [f"{day}-{n}" for n in range(30)]
        case.captures(day, [capture(one, day, f"{numbers.random():.3f}", "1.5") for one in events])
        case.labels(day, [truth(f"order-{one}", "1.0") for one in events])
    case.model({"x": "number"}, REGRESSION, {"metric": "rmse", "red": "> 5"})


def refusal_says_that_ids_do_not_match(said: Said) -> None:
    assert said.codes[1] == 4
    assert "90 labels of no row of these days, such as that of 'order-2024-03-01-0'" in said.baseline


def words_for_numbers(case: Case) -> None:
    """Every second value of a column is ``n/a`` on the day."""
    numbers = dice(4)
    for day in DAYS:
        values = [f"{numbers.random():.3f}" for _ in range(20)]
        if day == DAY:
            values = [value if n % 2 else "n/a" for n, value in enumerate(values)]
        case.captures(day, [capture(f"{day}-{n}", day, f"1.0,{one}", "0.5") for n, one in enumerate(values)])
    case.model(
        {"a": "number", "b": "number"}, REGRESSION, {"metric": "quarantined", "amber": "> 0"}, labels=None
    )


def report_says_why(said: Said) -> None:
    assert "AMBER m" in said.run
    for shown in (said.run, said.text, said.page):
        joined = " ".join(shown.replace("\N{NO-BREAK SPACE}", " ").split())
        assert "not_a_number in b" in joined
        assert "10 records" in joined
        assert "a.jsonl, record 1: b: expected a number, but received n/a" in joined


def classes_without_a_common_spelling(case: Case) -> None:
    """Predictions are ``yes`` and ``no``, labels are German."""
    numbers = dice(5)
    for day in DAYS:
        lines, known = [], []
        for n in range(40):
            said = numbers.random() < 0.5
            lines.append(capture(f"{day}-{n}", day, f"{numbers.random():.3f}", "yes" if said else "no"))
            known.append(truth(f"{day}-{n}", "ja" if said else "nein"))
        case.captures(day, lines)
        case.labels(day, known)
    output = {**BINARY, "positive_class": "yes"}
    case.model({"x": "number"}, output, {"metric": "accuracy", "red": "falls by 30 %"})


def refusal_names_both_sides(said: Said) -> None:
    assert said.codes[1] == 4
    assert "predictions and labels share no class: predictions are 'no'" in said.baseline
    assert "labels are 'nein'" in said.baseline or "labels are 'ja'" in said.baseline
    code, accepted = said.command("baseline", "--model", "m", "--accept")
    assert code == 0
    assert "critical: predictions and labels share no class" in accepted
    code, judged = said.command("run", "--model", "m", "--window", DAY)
    assert "GREY m" in judged
    assert "Accuracy is 0, and 0 in the baseline: 'falls by 30 %' says nothing of 0" in judged


def constant_everywhere(case: Case) -> None:
    """A flag that is ``0`` in every row of baseline and window, by a test of chi-square."""
    numbers = dice(6)
    for day in DAYS:
        case.captures(day, [capture(f"{day}-{n}", day, f"0,{numbers.random():.4f}", "1") for n in range(50)])
    rule = {"metric": "drift_score", "column": "flag", "red": "< 0.05"}
    flag = {"type": "category", "drift": {"method": "chisquare"}}
    case.model({"flag": flag, "x": "number"}, REGRESSION, rule, labels=None)


def nothing_drifted(said: Said) -> None:
    assert "GREEN m" in said.run


def numbers_spelt_as_fractions(case: Case) -> None:
    """Predictions are ``2.0``, labels ``2``; on the day the model guesses."""
    numbers = dice(7)
    for day in DAYS:
        lines, known = [], []
        for n in range(100):
            label = numbers.randrange(3)
            guess = numbers.randrange(3) if day == DAY or numbers.random() > 0.85 else label
            answer = as_json({"prediction": float(guess)})
            lines.append(capture(f"{day}-{n}", day, f"{numbers.random():.3f}", answer))
            known.append(truth(f"{day}-{n}", str(label)))
        case.captures(day, lines)
        case.labels(day, known)
    output = {"task": "multiclass_classification", "response": ["prediction"]}
    case.model(
        {"x": "number"}, output, {"metric": "accuracy", "amber": "falls by 10 %", "red": "falls by 30 %"}
    )


def guessing_is_red(said: Said) -> None:
    value, baseline = said.metrics["accuracy", ""]
    assert close(value, 0.34, 0.1)
    assert close(baseline, 0.9, 0.05)
    assert "RED m" in said.run


class Kind(NamedTuple):
    """A case, and what must come out."""

    write: Callable[[Case], None]
    check: Callable[[Said], None]


CASES = {
    "baseline-hides-reasons": Kind(html_that_is_json, refusal_says_what_was_read),
    "labels-that-are-no-numbers": Kind(labels_that_are_no_numbers, refusal_says_what_became_of_the_labels),
    "labels-of-other-ids": Kind(labels_of_other_ids, refusal_says_that_ids_do_not_match),
    "report-without-quarantine-reasons": Kind(words_for_numbers, report_says_why),
    "classes-without-a-common-spelling": Kind(classes_without_a_common_spelling, refusal_names_both_sides),
}


@pytest.mark.parametrize("name", CASES)
def test_what_comes_out(name: str, tmp_path: Path, sqlite_template: Path) -> None:
    warehouse = tmp_path / "warehouse.sqlite"
    shutil.copyfile(sqlite_template, warehouse)
    case = Case(tmp_path)
    CASES[name].write(case)

    said = monitor(case, warehouse)

    assert said.codes[0] == 0, said.lint
    CASES[name].check(said)
