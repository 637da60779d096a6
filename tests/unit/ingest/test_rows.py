"""One bad value costs its row, not its record, and counts in the share of its column."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import models
import pytest
from captures import Endpoint, one
from daywatch.ingest.reading.quarantine import Reason

Export = Callable[..., Any]

ROW, ANSWER = "12.5,3,true,DE", "1,0.9"

BAD_ROWS: dict[str, tuple[str, str, Reason, str]] = {
    "text for a number": ("ten,3,true,DE", ANSWER, Reason.NOT_A_NUMBER, "amount: expected a number"),
    "too few values": ("1,2", ANSWER, Reason.VALUE_COUNT, "expected 4 values in the request, but received 2"),
    "too many answers": (ROW, "1,0.9,x", Reason.VALUE_COUNT, "expected 2 values in the response"),
    "no prediction": (ROW, ",0.9", Reason.NO_PREDICTION, "the response has no prediction"),
    "probability is text": (ROW, "1,high", Reason.NOT_A_NUMBER, "probability: expected a number"),
    "NUL": ("1,2,true,D\x00E", ANSWER, Reason.NUL_CHARACTER, "a value contains a NUL character"),
}


def document(*rows: tuple[str, str], event_id: str = "batch") -> bytes:
    """Return a record with these requests and answers, one on each line."""
    requests, answers = zip(*rows, strict=True)
    return one(event_id, request="\n".join(requests), response="\n".join(answers)).line()


def lines(requests: list[Any], answers: list[Any]) -> bytes:
    """Return a record of JSON Lines; a text is a line as it is."""
    record = one("lines").record()
    for part, rows in (("endpointInput", requests), ("endpointOutput", answers)):
        data = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
        record["captureData"][part] = {
            "data": data,
            "encoding": "JSON",
            "observedContentType": "application/jsonlines",
        }
    return json.dumps(record).encode()


def test_a_bad_row_of_334_costs_itself(endpoint: Endpoint, export: Export) -> None:
    cases = {f"{name} at {place}": (place, *BAD_ROWS[name]) for name in BAD_ROWS for place in (0, 200, 333)}
    for event, (place, request, answer, _, _) in cases.items():
        rows = [(f"{n},3,true,DE", ANSWER) for n in range(334)]
        rows[place] = (request, answer)
        endpoint.raw(document(*rows, event_id=event), name=f"{event}.jsonl")

    exported = export()

    for event, (place, request, answer, reason, detail) in cases.items():
        found = [row for row in exported.rows if row["event_id"] == event]
        assert [row["row_in_record"] for row in found] == [n + 1 for n in range(334) if n != place]
        assert [row["amount"] for row in found] == [n for n in range(334) if n != place]
        (bad,) = [bad for bad in exported.quarantine if bad["source"].endswith(f"/{event}.jsonl")]
        assert (bad["record"], bad["row_in_record"], bad["reason"]) == (1, place + 1, reason)
        assert detail in bad["detail"]
        assert bad["excerpt"] == f"{request} | {answer}"
    counts = exported.counts
    assert (counts.records, counts.exported, counts.quarantined) == (18, 18, 0)
    assert (counts.rows_read, counts.rows, counts.rows_quarantined) == (18 * 334, 18 * 333, 18)
    assert counts.reasons == Counter(reason for *_, reason, _ in cases.values())
    assert counts.quarantined_share == 1 / 334
    assert len(exported.operations) == 18


@pytest.mark.parametrize("country", ["DE", '"DE"'])
def test_a_blank_line_is_a_row_with_or_without_quotes(
    endpoint: Endpoint, export: Export, country: str
) -> None:
    """It may have an answer, as the second line has here; blank lines at the end are none."""
    row = f"12.5,3,true,{country}"
    endpoint.raw(one("batch", request=f"{row}\n\n{row}\n\n", response="1,0.9\n0,0.2\n1,0.8\n").line())

    exported = export()

    assert exported.column("row_in_record") == [1, 3]
    assert exported.column("probability") == [0.9, 0.8]
    assert [(bad["row_in_record"], bad["reason"]) for bad in exported.quarantine] == [(2, Reason.VALUE_COUNT)]


def test_a_record_of_bad_rows_is_quarantined_and_was_served(endpoint: Endpoint, export: Export) -> None:
    endpoint.raw(document(("a,1,true,DE", ANSWER), ("b,1,true,DE", ANSWER)))

    exported = export()

    counts = exported.counts
    assert (counts.exported, counts.quarantined, counts.rows_quarantined) == (0, 1, 2)
    assert counts.quarantined_share == 1.0
    assert [bad["row_in_record"] for bad in exported.quarantine] == [1, 2]
    assert [row["event_id"] for row in exported.operations] == ["batch"]


def test_rows_that_cannot_be_paired_cost_the_record(endpoint: Endpoint, export: Export) -> None:
    endpoint.raw(one("e", request="1,2,true,DE\n3,4,true,FR\n5,6,true,FR", response="1,0.9\n0,0.1").line())

    (bad,) = export().quarantine

    assert (bad["row_in_record"], bad["reason"]) == (None, Reason.ROWS_DIFFER)
    assert bad["detail"] == "the request has 3 rows, the response 2"


def test_a_duplicate_with_bad_rows_is_a_duplicate(endpoint: Endpoint, export: Export) -> None:
    rows = [("a,1,true,DE", ANSWER), (ROW, ANSWER)]
    endpoint.raw(b"\n".join([document(*rows), document(*rows), document(*rows, event_id="other")]))

    exported = export()

    assert exported.column("event_id") == ["batch", "other"]
    assert [bad["record"] for bad in exported.quarantine] == [1, 3]
    assert (exported.counts.duplicates, exported.counts.rows_read) == (1, 4)
    assert len(exported.operations) == 2


def test_a_line_of_json_that_is_cut_off_costs_itself(endpoint: Endpoint, export: Export) -> None:
    good = {"amount": 1, "items": 2, "member": True, "country": "DE"}
    answer = {"prediction": "1", "probability": 0.9}
    endpoint.raw(lines([good, '{"amount":', {**good, "country": "D\x00"}, good], [answer] * 4))

    exported = export()

    assert exported.column("row_in_record") == [1, 4]
    found = [(bad["row_in_record"], bad["reason"]) for bad in exported.quarantine]
    assert found == [(2, Reason.NOT_PAYLOAD_JSON), (3, Reason.NUL_CHARACTER)]


def test_a_label_of_a_row_beside_a_bad_one(endpoint: Endpoint, export: Export) -> None:
    endpoint.raw(document(("a,1,true,DE", ANSWER), (ROW, ANSWER), (ROW, "0,0.2")))
    endpoint.raw_truth(json.dumps(one("batch", label="1\n0\n1").truth()).encode())

    exported = export()

    assert exported.column("label") == ["0", "1"]
    assert (exported.counts.labelled, exported.counts.labels_unmatched) == (2, 1)


TOLERANT = [{**one_, "on_bad_value": "missing"} for one_ in models.YAML["features"][:3]]
"""The number, the integer and the boolean of the small model."""


def test_a_bad_value_may_count_as_missing(endpoint: Endpoint, export: Export) -> None:
    model = models.model(features=[*TOLERANT, models.YAML["features"][3]])
    bad = ("ten,1.5,maybe,DE", ANSWER)
    endpoint.raw(document(bad, (ROW, ANSWER), ("1,,true,DE", ANSWER), ("x,1,true,DE", "1,high")))

    exported = export(model=model)

    assert exported.column("amount") == [None, 12.5, 1.0]
    assert exported.column("items") == [None, 3, None]
    assert exported.column("member") == [None, True, True]
    ((row, detail),) = [(one["row_in_record"], one["detail"]) for one in exported.quarantine]
    assert (row, detail) == (4, "probability: expected a number, but received high")
    assert exported.counts.type_mismatches == {"amount": 2, "items": 1, "member": 1, "probability": 1}


def test_the_bad_values_of_a_row_with_other_faults_are_not_counted(
    endpoint: Endpoint, export: Export
) -> None:
    """If a row has too few values, nobody knows which column they are of."""
    endpoint.raw(document(("DE,true", ANSWER), ("ten,x,true,DE", ANSWER)))

    assert export().counts.type_mismatches == {"amount": 1, "items": 1}
