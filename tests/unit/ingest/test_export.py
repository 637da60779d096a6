"""From bytes on disk to rows and quarantine."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import models
import pyarrow.parquet as pq
import pytest
from captures import Endpoint, at, day_of, one
from daywatch.errors import InfrastructureError
from daywatch.ingest.export import export_window
from daywatch.ingest.reading.quarantine import Reason
from daywatch.storage import Storage, open_storage
from daywatch.window import Window

Export = Callable[..., Any]

GOOD = one("good", request="1,2,true,DE").line()
CUT_OFF = one("cut").line()[:150]


def changed(old: str, new: str) -> bytes:
    """Return an ordinary line with one text replaced."""
    line = one("bad").line().decode()
    assert old in line
    return line.replace(old, new).encode()


def coded(request: str, encoding: str, content_type: str | None) -> bytes:
    """Return a line whose request is in this encoding."""
    record = one("bad", request=request).record()
    part = record["captureData"]["endpointInput"]
    part |= {"encoding": encoding, "observedContentType": content_type}
    return json.dumps(record).encode()


def payload(request: str, response: str = "1,0.9") -> bytes:
    """Return a line with these payloads."""
    return one("bad", request=request, response=response).line()


BAD = {
    "not UTF-8": (b'{"a": "\xff\xfe"}', Reason.NOT_UTF8, "the line is not UTF-8 text"),
    "cut off in the middle": (CUT_OFF, Reason.NOT_JSON, "the line is not whole JSON"),
    "not JSON": (b"<html>502</html>", Reason.NOT_JSON, "the line is not whole JSON"),
    "half a surrogate pair": (changed("DE", "\\ud800"), Reason.NOT_JSON, "the line is not whole JSON"),
    "endlessly nested": (b"[" * 50_000, Reason.NOT_JSON, "the line is not whole JSON"),
    "other JSON": (b'{"a": 1}', Reason.NOT_A_CAPTURE, "expected captureData.endpointInput.data"),
    "a number": (b"5", Reason.NOT_A_CAPTURE, "eventMetadata.eventId"),
    "a list": (b"[1, 2]", Reason.NOT_A_CAPTURE, "eventMetadata.eventId"),
    "null": (b"null", Reason.NOT_A_CAPTURE, "eventMetadata.eventId"),
    "no event id": (changed("eventId", "eventNo"), Reason.NOT_A_CAPTURE, "eventMetadata.eventId"),
    "event id is null": (changed('"bad"', "null"), Reason.NOT_A_CAPTURE, "eventMetadata.eventId"),
    "no request": (changed("endpointInput", "input"), Reason.NO_INPUT, "the record holds no request"),
    "no answer": (changed("endpointOutput", "output"), Reason.NO_PREDICTION, "the record holds no response"),
    "neither": (
        changed("captureData", "capture"),
        Reason.NOT_A_CAPTURE,
        "expected captureData.endpointInput.data, captureData.endpointOutput.data",
    ),
    "no time": (changed("inferenceTime", "time"), Reason.NO_TIME, "expected eventMetadata.inferenceTime"),
    "a time of day": (changed("2024-03-03T12:00:00Z", "noon"), Reason.NO_TIME, "such as 2013-02-09T10:00"),
    "far from its folder": (
        changed("2024-03-03T12", "2024-03-03T15"),
        Reason.MISPLACED,
        "its time 2024-03-03 15:00:00+00 is not from 2024-03-03 11:00:00+00 to 2024-03-03 14:00:00+00",
    ),
    "another day": (
        changed("2024-03-03T12", "2024-02-28T12"),
        Reason.MISPLACED,
        "its time 2024-02-28 12:00:00+00 is not from 2024-03-03 11:00:00+00",
    ),
    "infinite time": (
        changed("2024-03-03T12:00:00Z", "infinity"),
        Reason.MISPLACED,
        "its time infinity is not from",
    ),
    "NUL in the id": (changed('"bad"', '"b\\u0000d"'), Reason.NUL_CHARACTER, "contains a NUL character"),
    "NUL in the payload": (changed("DE", "D\\u0000E"), Reason.NUL_CHARACTER, "no database stores"),
    "not base64": (
        changed('"encoding": "CSV", "mode": "INPUT"', '"encoding": "BASE64", "mode": "INPUT"'),
        Reason.NOT_BASE64,
        "said to be BASE64, but is not, or holds no UTF-8 text",
    ),
    "base64 without text": (
        coded("/////w==", "BASE64", "text/csv"),
        Reason.NOT_BASE64,
        "holds no UTF-8 text",
    ),
    "base64 of an image": (
        coded("AAAA", "BASE64", "image/png"),
        Reason.ENCODING,
        "the request is neither CSV nor JSON: it is BASE64 of image/png; if it is text, capture.payload.request_kind",
    ),
    "another encoding": (
        coded("1,2,true,DE", "TSV", None),
        Reason.ENCODING,
        "the request is neither CSV nor JSON: it is TSV of no content type",
    ),
    "JSON cut off": (
        coded('{"amount": 1', "JSON", "application/json"),
        Reason.NOT_PAYLOAD_JSON,
        "not whole JSON",
    ),
    "a JSON line cut off": (
        coded('{"amount"', "JSON", "application/jsonlines"),
        Reason.NOT_PAYLOAD_JSON,
        "the request is not whole JSON",
    ),
    "no JSON lines": (coded(" \n", "JSON", "application/jsonlines"), Reason.NOT_PAYLOAD_JSON, "JSON"),
    "NUL in JSON": (
        coded('{"country": "D\\u0000E"}', "JSON", "application/json"),
        Reason.NUL_CHARACTER,
        "a value contains a NUL character",
    ),
    "a JSON list too short": (
        coded("[1, 2, true]", "JSON", "application/json"),
        Reason.VALUE_COUNT,
        "expected 4 values in the request, but received 3",
    ),
    "quotation without end": (payload('1,2,true,"DE'), Reason.NOT_CSV, "the request is not whole CSV"),
    "answer's quotation without end": (
        payload("1,2,true,DE", '"1,0.9'),
        Reason.NOT_CSV,
        "the response is not",
    ),
    "more rows than answers": (
        payload("1,2,true,DE\n3,4,true,FR"),
        Reason.ROWS_DIFFER,
        "the request has 2 rows, the response 1",
    ),
    "more answers than rows": (
        payload("1,2,true,DE", "1,0.9\n0,0.1"),
        Reason.ROWS_DIFFER,
        "the request has 1 rows, the response 2",
    ),
    "empty payload": (payload(""), Reason.VALUE_COUNT, "expected 4 values in the request, but received 1"),
    "empty answer": (payload("1,2,true,DE", ""), Reason.VALUE_COUNT, "expected 2 values in the response"),
    "too few values": (
        payload("1,2"),
        Reason.VALUE_COUNT,
        "expected 4 values in the request, but received 2",
    ),
    "too many values": (
        payload("1,2,true,DE,5"),
        Reason.VALUE_COUNT,
        "4 values in the request, but received 5",
    ),
    "too many answers": (
        payload("1,2,true,DE", "1,0.9,x"),
        Reason.VALUE_COUNT,
        "expected 2 values in the response, but received 3",
    ),
    "text for a number": (
        payload("ten,2,true,DE"),
        Reason.NOT_A_NUMBER,
        "amount: expected a number, but received ten",
    ),
    "a dash for a number": (payload("-,2,true,DE"), Reason.NOT_A_NUMBER, "amount: expected a number"),
    "a dash for an integer": (payload("1,-,true,DE"), Reason.NOT_A_NUMBER, "items: expected a whole number"),
    "a fraction": (payload("1,1.5,true,DE"), Reason.NOT_A_NUMBER, "items: expected a whole number"),
    "an infinite integer": (
        payload("1,Infinity,true,DE"),
        Reason.NOT_A_NUMBER,
        "items: expected a whole number",
    ),
    "beyond 64 bits": (
        payload("1,9223372036854775808,true,DE"),
        Reason.NOT_A_NUMBER,
        "items: expected a whole",
    ),
    "neither true nor false": (
        payload("1,2,maybe,DE"),
        Reason.NOT_A_NUMBER,
        "member: expected true or false",
    ),
    "probability is text": (
        payload("1,2,true,DE", "1,high"),
        Reason.NOT_A_NUMBER,
        "probability: expected a number",
    ),
    "no prediction": (payload("1,2,true,DE", ",0.9"), Reason.NO_PREDICTION, "the response has no prediction"),
}


@pytest.mark.parametrize(("line", "reason", "detail"), BAD.values(), ids=BAD)
def test_a_bad_record_is_quarantined_and_the_rest_goes_on(
    endpoint: Endpoint, export: Export, line: bytes, reason: Reason, detail: str
) -> None:
    key = endpoint.raw(b"\n".join([GOOD, line, one("also good").line()]))

    exported = export()

    assert exported.column("event_id") == ["also good", "good"]
    (bad,) = exported.quarantine
    assert (bad["kind"], bad["record"], bad["reason"]) == ("capture", 2, reason)
    assert bad["source"] == f"{endpoint.folder}/{key}"
    assert detail in (bad["detail"] or "")
    assert bad["excerpt"].startswith(line[:7].decode("utf-8", "backslashreplace"))
    assert len(bad["excerpt"]) <= 800
    assert exported.counts.reasons == {reason: 1}


def test_every_reason_has_its_test() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.rglob("test_*.py"))
    elsewhere = {reason for reason in Reason if f"Reason.{reason.name}" in texts}
    # A count, and matters of labels.
    elsewhere |= {Reason(name) for name in ("duplicate", "no_label", "unreadable")}

    assert {reason for _, reason, _ in BAD.values()} | elsewhere == set(Reason)


@pytest.mark.parametrize(
    ("text", "amount", "items"),
    [
        ("1e5,1e2", 1e5, 100),
        ("-0.5,-7", -0.5, -7),
        (" 1.5 , 2 ", 1.5, 2),
        (",", None, None),
        ("NaN,nan", None, None),
        ("Infinity,1", float("inf"), 1),
        ("-inf,1", float("-inf"), 1),
        ("1,9007199254740993", 1.0, 9007199254740993),
        ("1,-9223372036854775808", 1.0, -(2**63)),
        ("1,3.0", 1.0, 3),
    ],
)
def test_numbers(endpoint: Endpoint, export: Export, text: str, amount: Any, items: int | None) -> None:
    endpoint.raw(payload(f"{text},true,DE"))

    (row,) = export().rows

    assert row["amount"] == amount
    assert row["items"] == items


@pytest.mark.parametrize(
    ("country", "read"),
    [
        ('"DE, north"', "DE, north"),
        ('"D""E"', 'D"E'),
        ('"two\nlines"', "two\nlines"),
        ('"x"', "x"),
        ("D\u2028E", "D\u2028E"),
        ('"a",'[:-1] + "", "a"),
        ("'; DROP TABLE rows; --", "'; DROP TABLE rows; --"),
        ("", None),
        ("   ", None),
    ],
)
def test_text_comes_as_it_was_sent(
    endpoint: Endpoint, export: Export, country: str, read: str | None
) -> None:
    endpoint.raw(payload(f"1,2,true,{country}"))

    assert export().column("country") == [read]


def test_a_line_separator_beside_quotes_is_no_line_end(endpoint: Endpoint, export: Export) -> None:
    endpoint.raw(payload('"1",2,true,D\u2028\x0c\x85E'))

    assert export().column("country") == ["D\u2028\x0c\x85E"]


def test_a_quoted_value_may_be_long(endpoint: Endpoint, export: Export) -> None:
    endpoint.raw(payload('1,2,true,"' + "x" * 200_000 + '"'))

    assert [len(value) for value in export().column("country")] == [200_000]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\n\r\n", ""])
def test_a_record_may_hold_several_rows(endpoint: Endpoint, export: Export, end: str) -> None:
    request = end.join(["1,2,true,DE", ""]) if end else "1,2,true,DE\n"
    endpoint.raw(payload(request + "3,4,false,FR", f"1,0.9{end[:2] or chr(10)}0,0.1{end}"))

    exported = export()

    if end == "\r\n\r\n":  # a blank line within a payload is a row without values
        assert exported.reasons == [(1, Reason.ROWS_DIFFER)]
        return
    assert exported.column("amount") == [1.0, 3.0]
    assert exported.column("prediction") == ["1", "0"]
    assert exported.column("row_in_record") == [1, 2]
    assert (exported.counts.records, exported.counts.exported, exported.counts.rows) == (1, 1, 2)


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        GOOD + b"\n",
        GOOD + b"\r\n",
        b"\xef\xbb\xbf" + GOOD,
        b"\n\n  \n" + GOOD + b"\n\n\t\r\n",
        GOOD + b"\x00\x00",
    ],
    ids=["no final line end", "line end", "CRLF", "BOM", "blank lines", "padded with NUL"],
)
def test_forms_of_an_object(endpoint: Endpoint, export: Export, content: bytes) -> None:
    endpoint.raw(content)

    exported = export()

    assert exported.column("event_id") == ["good"]
    assert exported.counts.quarantined == 0
    assert exported.counts.bytes == len(content)


def test_nothing_at_all(endpoint: Endpoint, export: Export) -> None:
    exported = export()

    assert exported.rows == exported.quarantine == []
    assert exported.counts.records == exported.counts.objects == 0
    assert exported.counts.source == f"{endpoint.folder}/shop-endpoint/AllTraffic"


def test_an_empty_object_counts_as_an_object(endpoint: Endpoint, export: Export) -> None:
    endpoint.raw(b"")

    counts = export().counts

    assert (counts.objects, counts.records, counts.bytes) == (1, 0, 0)


def test_other_files_are_not_read(endpoint: Endpoint, export: Export) -> None:
    endpoint.raw(b"not ours", name="readme.txt")
    endpoint.raw(GOOD, hour="2024/03/03/99")
    endpoint.raw(GOOD, hour="2024/03/03")

    assert export().counts.objects == 0


def test_a_duplicate_is_counted_and_the_first_stays(endpoint: Endpoint, export: Export) -> None:
    endpoint.raw(one("same", request="1,1,true,DE").line(), name="a.jsonl")
    endpoint.raw(one("same", request="2,2,true,DE").line() + b"\n" + GOOD, name="b.jsonl")
    later = one("same", at("2024-03-03", 13, 5), request="3,3,true,DE", response="0,0.1")
    endpoint.raw(later.line(), hour="2024/03/03/13")

    exported = export()

    assert sorted(exported.column("amount")) == [1.0, 1.0]
    counts = exported.counts
    assert (counts.records, counts.exported, counts.duplicates, counts.quarantined) == (4, 2, 2, 0)
    assert exported.quarantine == []


def test_a_duplicate_of_a_bad_record_does_not_take_its_place(endpoint: Endpoint, export: Export) -> None:
    endpoint.raw(b"\n".join([one("same", request="x,1,true,DE").line(), one("same").line()]))

    counts = export().counts

    assert (counts.exported, counts.duplicates, counts.quarantined) == (0, 1, 1)


def test_the_records_own_time_decides_its_window(endpoint: Endpoint, export: Export) -> None:
    """An hour's folder may hold records of the hour before and of the hour after."""
    times = {
        "of the day before": (at("2024-03-02", 23, 59), "2024/03/03/00"),
        "first": (at("2024-03-03", 0, 0), "2024/03/02/23"),
        "last": (at("2024-03-03", 23, 59), "2024/03/04/00"),
        "of the next day": (at("2024-03-04", 0, 0), "2024/03/03/23"),
    }
    for name, (moment, hour) in times.items():
        endpoint.raw(one(name, moment).line(), hour=hour, name=f"{name}.jsonl")

    assert export("2024-03-03").column("event_id") == ["first", "last"]
    assert export("2024-03-02").column("event_id") == ["of the day before"]
    assert export("2024-03-04").column("event_id") == ["of the next day"]


@pytest.mark.parametrize("minutes", [-120, -90, -61, -60, -30, 0, 59, 60, 90, 119, 120])
def test_every_record_belongs_to_exactly_one_window(endpoint: Endpoint, export: Export, minutes: int) -> None:
    """However far a record's time lies from the folder that it is in, one day counts it."""
    from datetime import timedelta

    for hour in (0, 23):
        folder = at("2024-03-03", hour)
        line = one(f"e{hour}", folder + timedelta(minutes=minutes)).line()
        endpoint.raw(line, hour=f"{folder:%Y/%m/%d/%H}")

    days = [export(day).counts.records for day in ("2024-03-02", "2024-03-03", "2024-03-04")]

    assert sum(days) == 2


def test_an_unreadable_line_belongs_to_its_folder(endpoint: Endpoint, export: Export) -> None:
    endpoint.raw(b"junk", hour="2024/03/02/23")
    endpoint.raw(b"junk", hour="2024/03/04/00")

    assert export("2024-03-03").counts.records == 0
    assert export("2024-03-02").counts.quarantined == 1
    assert export("2024-03-04").counts.quarantined == 1


def test_labels_are_joined_by_inference_id_else_event_id(endpoint: Endpoint, export: Export) -> None:
    named = one("e1").record()
    named["eventMetadata"]["inferenceId"] = "i1"
    endpoint.raw(json.dumps(named).encode() + b"\n" + one("e2").line() + b"\n" + one("e3").line())
    truths = [one(name, label=label).truth() for name, label in (("i1", "1"), ("e1", "no"), ("e2", "0"))]
    endpoint.raw_truth("\n".join(json.dumps(truth) for truth in truths).encode())

    exported = export()

    labels = dict(zip(exported.column("event_id"), exported.column("label"), strict=True))
    assert labels == {"e1": "1", "e2": "0", "e3": None}
    assert (exported.counts.labelled, exported.counts.labels) == (2, 2)


def test_late_labels_and_records_change_the_digest(endpoint: Endpoint, export: Export) -> None:
    endpoint.capture(day_of("2024-03-03", rows=5))
    digests = [export().digest]
    endpoint.label(day_of("2024-03-03", rows=5)[:1])
    digests.append(export().digest)
    endpoint.label(day_of("2024-03-03", rows=5))
    digests.append(export().digest)
    endpoint.raw(one("late").line())
    digests.append(export().digest)
    endpoint.raw(one("late").line(), name="very late.jsonl")  # a duplicate: no row changes, but a count does
    digests.append(export().digest)

    assert len(set(digests)) == len(digests)


def test_labels_of_other_days_do_not_change_the_digest(endpoint: Endpoint, export: Export) -> None:
    endpoint.play(day_of("2024-03-03", rows=5))
    before = export()
    endpoint.label(day_of("2024-03-04", rows=5))

    assert export().digest == before.digest
    assert export().counts == before.counts


def test_hours_past_both_ends_without_rows_of_the_day_do_not_change_the_digest(
    endpoint: Endpoint, export: Export
) -> None:
    """Beyond a row group, where rows begin in their files tells how the canonical file is cut."""
    for hour in range(8):
        endpoint.raw(many(18_000, at("2024-03-03", hour)), hour=f"2024/03/03/{hour:02}")
    before = export()
    assert before.counts.rows == 144_000
    endpoint.raw(many(18_000, at("2024-03-02", 23)), hour="2024/03/02/23")
    endpoint.raw(many(9_000, at("2024-03-04", 0)), hour="2024/03/04/00")

    assert export().digest == before.digest


def many(rows: int, when: datetime) -> bytes:
    """Return the lines of an hour with many inferences."""
    line = one("e0", when=when).line()
    return b"\n".join(line.replace(b'"e0"', b'"%02d-%06d"' % (when.hour, row)) for row in range(rows))


def test_the_same_input_gives_the_same_bytes(endpoint: Endpoint, export: Export, tmp_path: Path) -> None:
    """Two exports, and one of the same objects written and listed in another order."""
    endpoint.play(day_of("2024-03-03", rows=500))
    endpoint.raw(b"junk\n" + GOOD + b"\n" + GOOD)
    for number in range(8):  # which of them counts is decided by their keys
        name = f"{number}.jsonl"
        endpoint.raw(one("same", request=f"{number},1,true,DE").line(), name=name)
        endpoint.raw_truth(json.dumps(one("same", label=str(number)).truth()).encode(), name=name)
    first, second = export(), export()
    storage = open_storage(str(endpoint.folder), models.local_deployment(tmp_path))
    shuffled = export(storage=Storage(storage.uri, Shuffled(storage._store)))

    assert first.contents == second.contents == shuffled.contents
    assert first.digest == second.digest == shuffled.digest
    assert first.counts == second.counts == shuffled.counts
    assert [(row["amount"], row["label"]) for row in first.rows if row["event_id"] == "same"] == [(0.0, "7")]


class Shuffled:
    """A store that lists in any order, in batches of one."""

    def __init__(self, store: Any) -> None:
        self.store = store

    def list(self, prefix: str) -> Any:
        found = [meta for batch in self.store.list(prefix=prefix) for meta in batch]
        random.Random(7).shuffle(found)  # noqa: S311 - test data
        return iter([[meta] for meta in found])

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


class Ending:
    """A store that stops answering when an object is read."""

    def __init__(self, store: Any) -> None:
        self.store = store

    def get(self, key: str, options: Any = None) -> Any:
        from obstore.exceptions import GenericError

        message = "Connection reset by peer"
        raise GenericError(message)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


@pytest.mark.parametrize("kind", ["capture", "label"])
def test_a_store_that_ends_while_it_is_read_is_worth_a_retry(
    endpoint: Endpoint, export: Export, tmp_path: Path, kind: str
) -> None:
    """DuckDB reads the objects; what goes wrong there must not become an error of DuckDB."""
    key = endpoint.raw(GOOD) if kind == "capture" else endpoint.raw_truth(b"{}")
    storage = open_storage(str(endpoint.folder), models.local_deployment(tmp_path))

    with pytest.raises(InfrastructureError, match=rf"Could not read .*{re.escape(key)}: Connection reset"):
        export(storage=Storage(storage.uri, Ending(storage._store)))


class Vanishing(Ending):
    """A store whose objects go between being listed and being read."""

    def get(self, key: str, options: Any = None) -> Any:
        self.store.delete(key)
        return self.store.get(key, options=options)


def test_an_object_that_goes_while_it_is_read_is_worth_a_retry(
    endpoint: Endpoint, export: Export, tmp_path: Path
) -> None:
    key = endpoint.raw(GOOD)
    storage = open_storage(str(endpoint.folder), models.local_deployment(tmp_path))

    with pytest.raises(
        InfrastructureError, match=rf"{key} changed since it was listed; a retry reads what is there now"
    ):
        export(storage=Storage(storage.uri, Vanishing(storage._store)))
    assert export().counts.records == 0


HOSTILE_NAMES = ["reason", "object", "Select", "detail"]
ODD_NAMES = ['quo"te', "semi;colon--", "value_0", "ünïcode %s :x {y} \\"]


@pytest.mark.parametrize("names", [HOSTILE_NAMES, ODD_NAMES, ["record", "rows", "key", "labels"]])
def test_features_may_have_any_name(endpoint: Endpoint, export: Export, names: list[str]) -> None:
    kinds = ("number", "integer", "boolean", "category")
    model = models.model(features=[{"name": n, "type": k} for n, k in zip(names, kinds, strict=True)])
    endpoint.raw(payload("1.5,2,true,DE"))

    (row,) = export(model=model).rows

    assert [row[name] for name in names] == [1.5, 2, True, "DE"]


def test_regression_types_its_answer_and_its_label(endpoint: Endpoint, export: Export) -> None:
    model = models.model(output={"task": "regression", "response": ["ignore", "prediction"]})
    endpoint.raw(payload("1,2,true,DE", "x,17.5"))
    endpoint.raw_truth(json.dumps(one("bad", label="16").truth()).encode())

    (row,) = export(model=model).rows

    assert (row["prediction"], row["label"]) == (17.5, 16.0)
    assert "probability" not in row


@pytest.mark.parametrize(
    ("capture", "told"),
    [({"endpoint": "shop-endpoint", "sampling_percent": 20}, 20.0), ({"endpoint": "shop-endpoint"}, None)],
)
def test_the_sampling_is_that_of_the_configuration(
    endpoint: Endpoint, tmp_path: Path, capture: dict[str, Any], told: float | None
) -> None:
    endpoint.capture([one("a")])
    storage = open_storage(str(endpoint.folder), models.local_deployment(tmp_path))

    files = export_window(Window.of_day("2024-03-03"), models.model(capture=capture), storage, tmp_path)

    (row,) = pq.read_table(files.operations).to_pylist()
    assert row["sampling_percent"] == told


def test_rows_come_in_the_order_of_keys_and_records(endpoint: Endpoint, tmp_path: Path) -> None:
    """Not by time: a day of ten million rows is not sorted."""
    endpoint.raw(
        b"\n".join(one(f"b{n}", at("2024-03-03", 12, 59 - n)).line() for n in range(30)), name="b.jsonl"
    )
    endpoint.raw(one("a", at("2024-03-03", 12, 59)).line(), name="a.jsonl")
    storage = open_storage(str(endpoint.folder), models.local_deployment(tmp_path))

    files = export_window(Window.of_day("2024-03-03"), models.model(), storage, tmp_path)

    assert [row["event_id"] for row in pq.read_table(files.inferences).to_pylist()] == [
        "a",
        *(f"b{n}" for n in range(30)),
    ]
    assert [row["event_id"] for row in pq.read_table(files.operations).to_pylist()] == [
        "a",
        *(f"b{n}" for n in range(30)),
    ]
