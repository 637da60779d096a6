"""Which records count, and what is kept of them besides their payloads."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import models
import pytest
from captures import Endpoint, at, day_of
from daywatch.config.deployment.connections import Connection
from daywatch.config.loading.load import load_model
from daywatch.errors import ConfigurationError
from daywatch.ingest.intake_sentences import intake_sentences
from daywatch.measure.service.intake import intake_health
from daywatch.rows.question import Question
from daywatch.rows.stored_rows import stored_rows
from daywatch.stages.build_baseline import build_baseline
from daywatch.window import Window
from places import BASELINE_DAYS, DAY, Place
from sources import parquet, transaction, write_files

Export = Callable[..., Any]
KEEP = {"server": "$.server_id", "principal": "$.requester.principal", "kind": "$.type"}


def log_of(day: str, rows: int = 60) -> list[dict[str, Any]]:
    """Return a day's records: every tenth is a load test, every twelfth of another kind; server b sends bad ones."""
    records = []
    for n, one in enumerate(day_of(day, rows=rows)):
        record = transaction(one, server_id="b" if n % 4 == 3 else "a")
        if n % 10 == 9:
            record["requester"]["principal"] = "load-test"
        if n % 12 == 11:
            record = {**record, "type": "health", "request": {}, "response": {}}
        elif n % 4 == 3 and day == DAY:
            record["request"]["amount"] = "twelve"
        records.append(record)
    return records


def lines(records: list[dict[str, Any]]) -> bytes:
    return b"\n".join(json.dumps(one).encode() for one in records)


def write_log(folder: Path, day: str, rows: int = 60) -> None:
    key = f"shop-log/{day.replace('-', '/')}/records.jsonl"
    write_files(folder, {key: lines(log_of(day, rows))})


def capture(**changes: Any) -> dict[str, Any]:
    where = "principal <> 'load-test' AND kind = 'predict'"
    log = {"source": "transaction_records", "prefix": "shop-log", "partition": "%Y/%m/%d"}
    return {**log, "keep": KEEP, "where": where, **changes}


@pytest.mark.parametrize("form", ["lines", "Parquet"])
def test_records_that_do_not_count_are_counted(endpoint: Endpoint, export: Export, form: str) -> None:
    write_log(endpoint.folder, DAY)
    if form == "Parquet":
        records = log_of(DAY)
        for one in records:
            one["request"], one["response"] = json.dumps(one["request"]), json.dumps(one["response"])
        (endpoint.folder / "shop-log/2024/03/03/records.jsonl").unlink()
        write_files(endpoint.folder, {"shop-log/2024/03/03/records.parquet": parquet(records)})

    exported = export(model=models.model(capture=capture(), labels=None))

    counts = exported.counts
    # Of 60, 6 are load tests, 5 are of another kind, and 1 is both; of what is left, server b sends 8 bad ones.
    assert (counts.records, counts.filtered, counts.quarantined, counts.rows) == (60, 10, 8, 42)
    assert counts.quarantined_share == 8 / 50
    assert intake_sentences(counts)[0].endswith(
        "42 rows exported, 8 quarantined, 10 filtered by capture.where"
    )
    assert {(row["server"], row["principal"], row["kind"]) for row in exported.operations} == {
        ("a", "till", "predict"),
        ("b", "till", "predict"),
    }
    assert len(exported.operations) == 50
    assert "server" not in exported.rows[0]  # no slice needs it there
    _, findings = intake_health(counts, models.model(capture=capture()))
    assert [one.detail for one in findings if one.code == "faults_concentrated"] == [
        "8 of 8 quarantined rows come from server 'b', which gave 16.0 % of all rows"
    ]


def test_a_record_without_the_value_counts(endpoint: Endpoint, export: Export) -> None:
    """What may be a request of the model is never dropped because nobody says who sent it."""
    records = log_of(DAY)
    for one in records[:20]:
        del one["requester"]
    records[20]["type"] = None
    write_files(endpoint.folder, {"shop-log/2024/03/03/records.jsonl": lines(records) + b"\n{broken"})
    exported = export(model=models.model(capture=capture(), labels=None))
    assert (exported.counts.records, exported.counts.filtered) == (61, 8)
    assert ("not_json", 1) in exported.counts.reasons.items()


def test_a_condition_that_fails_for_a_record_lets_it_count(endpoint: Endpoint, export: Export) -> None:
    write_log(endpoint.folder, DAY)
    where = "CAST(server AS INTEGER) > 0"
    exported = export(model=models.model(capture=capture(where=where), labels=None))
    assert exported.counts.filtered == 0


def test_duplicates_are_looked_for_among_what_counts(endpoint: Endpoint, export: Export) -> None:
    first, second = log_of(DAY)[:2]
    test = {**first, "requester": {"principal": "load-test"}}
    write_files(endpoint.folder, {"shop-log/2024/03/03/a.jsonl": lines([test, first, second])})
    exported = export(model=models.model(capture=capture(), labels=None))
    counts = exported.counts
    assert (counts.records, counts.filtered, counts.duplicates, counts.rows) == (3, 1, 0, 2)


def test_custom_attributes_of_an_endpoint_are_kept_by_name(endpoint: Endpoint, export: Export) -> None:
    captured = []
    for n, one in enumerate(day_of(DAY, rows=6)):
        record = replace(one, at=at(DAY, 12, n)).record()
        record["eventMetadata"]["customAttributes"] = [f"tenant=t{n % 2}, trace=x{n}"]
        captured.append(record)
    write_files(endpoint.folder, {"shop-endpoint/AllTraffic/2024/03/03/12/a.jsonl": lines(captured)})
    keep = {"tenant": "$.eventMetadata.customAttributes.tenant", "event": "$.eventMetadata.eventId"}
    model = models.model(
        capture={"endpoint": "shop-endpoint", "keep": keep, "where": "tenant = 't1'"}, labels=None
    )
    exported = export(model=model)
    assert (exported.counts.filtered, exported.counts.rows) == (3, 3)
    assert {row["tenant"] for row in exported.operations} == {"t1"}
    assert [row["event"] for row in exported.operations] == [row["event_id"] for row in exported.operations]


def test_columns_of_a_table_are_kept(endpoint: Endpoint, export: Export) -> None:
    rows = [
        {"id": n, "amount": 1.5, "items": 1, "member": True, "country": "DE", "prediction": "1"}
        | {"probability": 0.9, "host": {"name": f"h{n % 2}"}, "build": n % 2}
        for n in range(4)
    ]
    write_files(endpoint.folder, {"t/2024/03/03/a.parquet": parquet(rows)})
    keep = {"server": "$.host.name", "build": "$.build", "absent": "$.absent"}
    table = {"source": "table", "prefix": "t", "id_column": "id", "keep": keep, "where": "build = '1'"}
    exported = export(model=models.model(capture=table, labels=None))
    assert (exported.counts.filtered, exported.counts.rows, exported.counts.extra_names) == (2, 2, 0)
    found = {(row["server"], row["build"], row["absent"]) for row in exported.operations}
    assert found == {("h1", "1", None)}


def test_what_is_kept_makes_slices_and_is_searched(place: Callable[..., Place]) -> None:
    """A hashed value is stored, sliced and found by its hash alone."""
    here = place(
        capture=capture(),
        labels=None,
        slices=[{"by": "server"}, {"name": "by_till", "where": "server = 'b' AND amount > 0"}],
        redaction={"hash": ["principal"], "key": "shop_key"},
        plan__rules=[{"metric": "rows", "red": "< 5"}],
    )
    secret = Connection(conn_type="generic", password="planted-key")
    object.__setattr__(here.deployment, "connections", lambda _: secret)
    for day in (*BASELINE_DAYS, DAY):
        write_log(Path(here.deployment.data_uri), day)
    build_baseline(models.NAME, here.deployment)

    run, _ = here.run()

    measured = json.loads(here.files()[run.folder.measurement])
    slices = {one["slice"]: one["value"] for one in measured["metrics"] if one["name"] == "rows"}
    assert slices["server=a"] == 42
    assert not any(one["code"] == "column_new" for one in measured["findings"])
    model = load_model(here.deployment.models / "shop.yaml")
    found = stored_rows(model, Window.of_day(DAY), Question(where="server = 'a'", limit=1), here.deployment)
    assert found.matching == 42
    row = dict(zip(found.columns, found.rows[0], strict=True))
    assert row["server"] == "a"
    assert len(row["principal"]) == 64
    assert b"till" not in here.files()[run.folder.operations]
    export = json.loads(here.files()[run.folder.export])
    assert export["filtered"] == 10


@pytest.mark.parametrize(
    ("changes", "where", "message"),
    [
        ({"where": "sever = 'a'"}, "capture.where", "there is no column 'sever' here; columns: event_id"),
        ({"where": "server"}, "capture.where", "expected a condition, true or false"),
        ({"where": "read_text('/etc/passwd') = ''"}, "capture.where", "is not allowed"),
        ({"keep": {"amount": "$.a"}}, "capture.keep.amount", "the column 'amount' is a feature"),
        ({"keep": {"status": "$.a"}}, "capture.keep.status", "the column 'status' is Daywatch's own"),
        ({"keep": {"Server": "$.a"}}, "capture.keep", "a name of lower-case letters"),
        ({"keep": {"server": "a"}}, "capture.keep.server", "a path in JSON"),
    ],
)
def test_a_selection_that_is_none(tmp_path: Path, changes: dict[str, Any], where: str, message: str) -> None:
    path = models.write_model(tmp_path, capture=capture(**{"where": "", **changes}))
    with pytest.raises(ConfigurationError) as caught:
        load_model(path)
    (problem,) = caught.value.problems
    assert problem.where.startswith(where)
    assert message in problem.message
    assert problem.line > 1
