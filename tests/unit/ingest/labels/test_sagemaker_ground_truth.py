"""Ground truth: which objects are read, what is quarantined, which label counts."""

from __future__ import annotations

import gzip
import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import models
import pytest
from captures import Endpoint, one
from daywatch.config.deployment.connections import no_connections
from daywatch.config.model.capture import Limits
from daywatch.ingest.export import export_window
from daywatch.ingest.labels import json_lines
from daywatch.ingest.labels.load import label_reader
from daywatch.ingest.labels.source import LabelRequest
from daywatch.ingest.reading.quarantine import Reason
from daywatch.storage import open_storage
from daywatch.window import Window

NOISE = hashlib.shake_128(b"").digest(900)
DAY = Window.of_day("2024-03-03")


def truth(event_id: str = "e1", label: str | None = "1") -> bytes:
    return json.dumps(one(event_id, label=label).truth()).encode()


def exported(folder: Path, model: Any = None) -> tuple[Any, list[Any], list[Any]]:
    """Return counts, labels by event id and the quarantine."""
    import duckdb

    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    storage = open_storage(str(folder / "data"), models.local_deployment(folder))
    files = export_window(DAY, model or models.model(), storage, scratch)
    with duckdb.connect() as connection:
        labels = connection.execute(
            "SELECT event_id, label FROM read_parquet(?)", [str(files.inferences)]
        ).fetchall()
        bad = connection.execute(
            "SELECT kind, source, record, reason, detail, excerpt FROM read_parquet(?)",
            [str(files.quarantine)],
        ).fetchall()
    return files.counts, labels, bad


@pytest.fixture
def endpoint(tmp_path: Path) -> Endpoint:
    place = Endpoint(tmp_path / "data")
    place.raw(one("e1").line())
    return place


@pytest.mark.parametrize(
    ("line", "reason", "detail"),
    [
        (b"\xff", Reason.NOT_UTF8, "the line is not UTF-8 text"),
        (b"{", Reason.NOT_JSON, "the line is not whole JSON"),
        (b"{}", Reason.NO_LABEL, "expected eventMetadata.eventId and a class in groundTruthData.data"),
        (
            b'{"eventMetadata": {"eventId": "e1"}}',
            Reason.NO_LABEL,
            "expected groundTruthData.data, which is null where the outcome is not known yet",
        ),
        (
            truth().replace(b'"data"', b'"dato"'),
            Reason.NO_LABEL,
            "expected groundTruthData.data, which is null where the outcome is not known yet",
        ),
        *(
            (
                b'{"eventMetadata": {"eventId": "e1"}, "groundTruthData": %s}' % value,
                Reason.NO_LABEL,
                "expected groundTruthData.data, which is null where the outcome is not known yet",
            )
            for value in (b'""', b'"1"', b"1", b"[1]", b"null", b"{}", b'"[1"')
        ),
        (
            truth().replace(b"CSV", b"BASE64"),
            Reason.ENCODING,
            "expected the encoding CSV or JSON, but received BASE64",
        ),
        (truth(label="a\x00"), Reason.NUL_CHARACTER, "the id or the label contains a NUL character"),
    ],
)
def test_a_bad_label_is_quarantined(
    tmp_path: Path, endpoint: Endpoint, line: bytes, reason: Reason, detail: str
) -> None:
    key = endpoint.raw_truth(b"\n" + line + b"\n" + truth(label="yes"))

    counts, labels, ((kind, source, record, found, said, _),) = exported(tmp_path)

    assert labels == [("e1", "yes")]
    assert (kind, source, record, found) == ("label", f"{endpoint.folder}/{key}", 2, reason)
    assert detail in (said or "")
    assert (counts.labels, counts.labels_quarantined, counts.quarantined) == (2, 1, 0)
    assert counts.reasons == {reason: 1}


@pytest.mark.parametrize("label", ["", " ", "NaN", "nan", None])
def test_an_outcome_may_not_be_known_yet(tmp_path: Path, endpoint: Endpoint, label: str | None) -> None:
    endpoint.raw_truth(truth(label=label))

    counts, labels, bad = exported(tmp_path)

    assert (labels, bad) == ([("e1", None)], [])
    assert (counts.labels, counts.labelled) == (0, 0)


def test_a_regressions_label_is_a_number(tmp_path: Path, endpoint: Endpoint) -> None:
    endpoint.raw_truth(truth(label="late"))
    model = models.model(output={"task": "regression", "response": ["prediction", "ignore"]})

    _, labels, (bad,) = exported(tmp_path, model)

    assert labels == [("e1", None)]
    assert bad[3:5] == (
        Reason.NO_LABEL,
        "expected eventMetadata.eventId and a number in groundTruthData.data",
    )


def test_the_later_label_counts(tmp_path: Path, endpoint: Endpoint) -> None:
    endpoint.raw_truth(truth(label="later, same object") + b"\n", hour="2024/03/03/14")
    endpoint.raw_truth(truth(label="early") + b"\n" + truth(label="corrected"), hour="2024/03/04/01")

    assert exported(tmp_path)[1] == [("e1", "corrected")]


def test_a_model_without_labels_reads_none(tmp_path: Path, endpoint: Endpoint) -> None:
    endpoint.raw_truth(truth())

    counts, labels, _ = exported(tmp_path, models.model(labels=None))

    assert labels == [("e1", None)]
    assert (counts.labels, counts.label_source) == (0, "")


def test_labels_come_as_long_as_the_delay_allows(tmp_path: Path, endpoint: Endpoint) -> None:
    days = ("2024/03/02/23", "2024/03/03/00", "2024/03/04/23", "2024/03/05/00")
    for hour in days:
        endpoint.raw_truth(truth(), hour=hour)
    endpoint.raw_truth(b"x", name="readme.txt")
    storage = open_storage(str(endpoint.folder), models.local_deployment(tmp_path))
    reader = label_reader(models.model(), LabelRequest(DAY, storage, no_connections))
    assert reader is not None

    found = [one.address.split("/shop-truth/")[1] for one in reader.objects()]

    assert found == ["2024/03/03/00/raw.jsonl", "2024/03/04/23/raw.jsonl"]  # one day of delay


@pytest.mark.parametrize(
    ("known_on", "expected"), [(None, 4), (date(2024, 3, 3), 3), (date(2024, 3, 4), 4), (date(2024, 3, 9), 4)]
)
def test_no_later_knowledge_than_the_delay_is_read(
    tmp_path: Path, known_on: date | None, expected: int
) -> None:
    """A window is judged again with what was known on a day, but never with labels after the delay."""
    labels = models.model().labels
    assert labels is not None
    storage = open_storage(str(tmp_path), models.local_deployment(tmp_path))

    request = LabelRequest(DAY, storage, no_connections, known_on)

    assert request.last_day(labels) == date(2024, 3, expected)


def test_labels_of_several_rows_are_told_apart_by_position(tmp_path: Path, endpoint: Endpoint) -> None:
    endpoint.raw(one("many", request="1,2,true,DE\n" * 3, response="1,0.9\n" * 3).line(), name="many.jsonl")
    endpoint.raw(one("all", request="1,2,true,DE\n" * 2, response="1,0.9\n" * 2).line(), name="all.jsonl")
    endpoint.raw_truth(truth("many", "a\r\n\nc\nd\n") + b"\n" + truth("all", "x\n"))

    counts, labels, bad = exported(tmp_path)

    assert sorted(labels, key=str) == [
        ("all", "x"),
        ("all", "x"),
        ("e1", None),
        ("many", "a"),
        ("many", "c"),
        ("many", None),
    ]
    assert bad == []  # the outcome of the second row is not known yet
    assert (counts.labelled, counts.labels_unmatched, counts.labels_unmatched_sample) == (4, 1, ("many",))


def test_gzip_is_unpacked_whatever_its_name(tmp_path: Path, endpoint: Endpoint) -> None:
    whole = (
        gzip.compress(truth(label="early") + b"\n") + gzip.compress(b"") + gzip.compress(truth("e1", "late"))
    )
    endpoint.raw_truth(whole, name="a.jsonl.gz")
    endpoint.raw_truth(gzip.compress(truth("nobody") + b"\n" + NOISE)[:-200], name="b.jsonl")

    counts, labels, bad = exported(tmp_path)

    assert labels == [("e1", "late")]
    assert [row[3:5] for row in bad if row[3] == Reason.BROKEN_GZIP] == [
        (Reason.BROKEN_GZIP, "the gzip stream ends in the middle")
    ]
    assert (counts.labels_changed, counts.labels_unmatched_sample) == (1, ("nobody",))


def test_a_bomb_is_not_read_on(tmp_path: Path, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "Limits", lambda: Limits(object_megabytes=1))
    endpoint.raw_truth(gzip.compress(b" \n" * (1 << 20)), name="a.jsonl.gz")

    counts, _, ((*_, reason, detail, _),) = exported(tmp_path)

    assert (reason, counts.labels_quarantined) == (Reason.TOO_LARGE, 1)
    assert "unpacks to more than" in detail


ROWS = 60
OUTCOMES = [str(number % 3 % 2) for number in range(ROWS)]


def in_json(data: Any, event_id: str = "batch") -> bytes:
    """Return ground truth with the encoding JSON."""
    record = one(event_id, label=data if isinstance(data, str) else json.dumps(data)).truth()
    record["groundTruthData"]["encoding"] = "JSON"
    return json.dumps(record).encode()


@pytest.mark.parametrize(
    ("data", "labels"),
    [
        ({"instances": [{"label": int(one)} for one in OUTCOMES]}, {}),
        (
            {"other": 1, "truth": {"rows": [{"was": one} for one in OUTCOMES]}},
            {"label": "$.was", "rows": "$.truth.rows"},
        ),
        ([{"label": one} for one in OUTCOMES], {}),
        ([int(one) for one in OUTCOMES], {}),
        ({"label": OUTCOMES}, {}),
        ("\n".join(json.dumps({"label": one}) for one in OUTCOMES) + "\n", {}),
        ([{"out": {"late": one}} for one in OUTCOMES], {"label": "$.out.late"}),
    ],
    ids=["one list", "paths", "a list", "plain values", "a column", "JSON Lines", "nested"],
)
def test_labels_of_several_rows_in_json(tmp_path: Path, data: Any, labels: dict[str, str]) -> None:
    endpoint = Endpoint(tmp_path / "data")
    request, response = "\n".join(["1,2,true,DE"] * ROWS), "\n".join(["1,0.9"] * ROWS)
    endpoint.raw(one("batch", request=request, response=response).line())
    endpoint.raw_truth(in_json(data))

    counts, found, bad = exported(tmp_path, models.model(labels={**models.YAML["labels"], **labels}))

    assert [label for _, label in found] == OUTCOMES
    assert (counts.labelled, bad) == (ROWS, [])


@pytest.mark.parametrize(
    ("data", "reason", "detail"),
    [
        ("{", Reason.NOT_PAYLOAD_JSON, "the ground truth is not whole JSON"),
        ({"instances": []}, Reason.NO_LABEL, "the ground truth holds no rows"),
        ({"was": 1}, Reason.NO_LABEL, "the ground truth has no $.label"),
    ],
)
def test_json_without_a_label(
    tmp_path: Path, endpoint: Endpoint, data: Any, reason: Reason, detail: str
) -> None:
    endpoint.raw_truth(in_json(data, "e1"))

    _, labels, ((_, _, _, found, said, _),) = exported(tmp_path)

    assert labels == [("e1", None)]
    assert found == reason
    assert said.startswith(detail)


@pytest.mark.parametrize("name", ["truth.jsonl", "truth.json"])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_file_may_be_one_array(tmp_path: Path, name: str, indent: int | None) -> None:
    endpoint = Endpoint(tmp_path / "data")
    records = [one(f"e{number}").record() for number in range(3)]
    endpoint.raw(json.dumps(records, indent=indent).encode())
    truths = [json.loads(in_json({"label": number}, f"e{number}")) for number in range(3)]
    endpoint.raw_truth(json.dumps(truths, indent=indent).encode(), name=name)

    counts, labels, bad = exported(tmp_path)

    assert labels == [("e0", "0"), ("e1", "1"), ("e2", "2")]
    assert (counts.records, bad) == (3, [])
