"""Baselines that are refused, and days that lose records: what must be said."""

from __future__ import annotations

from cases import (
    DAY,
    DAYS,
    REGRESSION,
    Case,
    Check,
    Monitored,
    Said,
    Write,
    as_base64,
    as_json,
    capture,
    dice,
    truth,
)


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


CASES = {
    "baseline-hides-reasons": (html_that_is_json, refusal_says_what_was_read),
    "labels-that-are-no-numbers": (labels_that_are_no_numbers, refusal_says_what_became_of_the_labels),
    "labels-of-other-ids": (labels_of_other_ids, refusal_says_that_ids_do_not_match),
    "report-without-quarantine-reasons": (words_for_numbers, report_says_why),
}


def test_what_comes_out(monitored: Monitored, write: Write, check: Check) -> None:
    check(monitored(write))
