"""Payloads as endpoints answer them: what must come out."""

from __future__ import annotations

import json

from cases import (
    BINARY,
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


def three_answers_in_a_line(case: Case) -> None:
    """A request of three lines is answered in one, as XGBoost's containers do."""
    numbers = dice(12)
    for day in DAYS:
        request = "\n".join(f"{numbers.random():.3f},{n}" for n in range(3))
        case.captures(day, [capture(f"{day}-1", day, request, "0.10,0.90,0.50")])
    case.model({"a": "number", "b": "number"}, REGRESSION, {"metric": "rows", "red": "< 3"}, labels=None)


def three_rows(said: Said) -> None:
    assert (said.counts["records"], said.counts["rows"], said.counts["quarantined"]) == (1, 3, 0)


def several_labels_in_a_record(case: Case) -> None:
    """Ground truth is JSON: three labels in a record, and the day's file is one array."""
    numbers = dice(13)
    for day in DAYS:
        lines, known = [], []
        for n in range(20):
            xs = [numbers.random() for _ in range(3)]
            request = as_json({"instances": [{"x": x} for x in xs]})
            answer = as_json({"predictions": [{"prediction": int(x > 0.5)} for x in xs]})
            lines.append(capture(f"{day}-{n}", day, request, answer))
            labels = {"instances": [{"label": int(x > 0.4)} for x in xs]}
            known.append(truth(f"{day}-{n}", json.dumps(labels), "JSON"))
        case.captures(day, lines)
        if day == DAY:
            case.put(f"truth/{day.replace('-', '/')}/23/a.jsonl", f"[{','.join(known)}]")
        else:
            case.labels(day, known)
    case.model(
        {"x": "number"},
        BINARY,
        {"metric": "accuracy", "red": "< 0.5"},
        capture={
            "endpoint": "endpoint",
            "payload": {"request_rows": "$.instances", "response_rows": "$.predictions"},
        },
        labels={"prefix": "truth", "label": "$.label", "rows": "$.instances"},
    )


def sixty_labels(said: Said) -> None:
    assert (said.counts["rows"], said.counts["labelled"]) == (60, 60)


def payloads_of_other_content_types(case: Case) -> None:
    """JSON behind BASE64 of content types that are not JSON; the YAML says what it is."""
    numbers = dice(14)
    for day in DAYS:
        lines = []
        for n in range(40):
            x = numbers.random()
            request = as_base64(json.dumps({"x": [x]}), "application/octet-stream")
            answer = as_base64(json.dumps({"value": [3 * x]}), "text/html; charset=utf-8")
            lines.append(capture(f"{day}-{n}", day, request, answer))
        case.captures(day, lines)
    case.model(
        {"x": {"type": "number", "at": "$.x[0]"}},
        {**REGRESSION, "at": {"prediction": "$.value[0]"}},
        {"metric": "quarantined_share", "red": "> 1 %"},
        capture={"endpoint": "endpoint", "payload": {"request_kind": "json", "response_kind": "json"}},
        labels=None,
    )


def all_are_read(said: Said) -> None:
    assert (said.counts["rows"], said.counts["quarantined"]) == (40, 0)
    assert "GREEN m" in said.run


def files_outside_the_data(case: Case) -> None:
    """A batch transform whose output is in another bucket than its capture."""
    for day in DAYS:
        manifest = [{"prefix": "s3://another-bucket/transform-output/"}, "rows.csv.out"]
        case.put(f"capture/output/{day.replace('-', '/')}/12/m.json", json.dumps(manifest))
    capture_ = {"source": "sagemaker_batch", "prefix": "capture", "joined": True}
    case.model({"a": "number"}, REGRESSION, {"metric": "rows", "red": "< 1"}, capture=capture_, labels=None)


def the_address_is_named(said: Said) -> None:
    assert "s3://another-bucket/transform-output/" in said.baseline


CASES = {
    "answers-in-one-line": (three_answers_in_a_line, three_rows),
    "json-ground-truth": (several_labels_in_a_record, sixty_labels),
    "base64-of-other-content-types": (payloads_of_other_content_types, all_are_read),
    "files-in-another-bucket": (files_outside_the_data, the_address_is_named),
}


def test_what_comes_out(monitored: Monitored, write: Write, check: Check) -> None:
    check(monitored(write))
