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
from captures import one
from daywatch.config.deployment.connections import no_connections
from daywatch.config.model.capture import Limits
from daywatch.ingest.labels import json_lines
from daywatch.ingest.labels.load import label_reader
from daywatch.ingest.labels.source import LabelRequest
from daywatch.ingest.reading.quarantine import Reason
from daywatch.storage import open_storage
from labelled import DAY, Labelled

NOISE = hashlib.shake_128(b"").digest(900)


def truth(event_id: str = "e1", label: str | None = "1") -> bytes:
    return json.dumps(one(event_id, label=label).truth()).encode()


@pytest.fixture
def here(tmp_path: Path) -> Labelled:
    return Labelled(tmp_path)


ONE = {"e1": 1}
"""The inferences of a day: event ids and numbers of rows."""


NO_DATA = "expected groundTruthData.data, which is null where the outcome is not known yet"

BAD_LINES: list[tuple[bytes, Reason, str]] = [
    (
        b"\xff",
        Reason.NOT_UTF8,
        "the line is not UTF-8 text; its byte 1 is 0xFF, which is 'ÿ' in Windows-1252 (Latin-1), expected UTF-8",
    ),
    (b"{", Reason.NOT_JSON, "the line is not whole JSON"),
    (b"{}", Reason.NO_LABEL, "expected eventMetadata.eventId and a class in groundTruthData.data"),
    (b'{"eventMetadata": {"eventId": "e1"}}', Reason.NO_LABEL, NO_DATA),
    (truth().replace(b'"data"', b'"dato"'), Reason.NO_LABEL, NO_DATA),
    *(
        (
            b'{"eventMetadata": {"eventId": "e1"}, "groundTruthData": %s}' % value,
            Reason.NO_LABEL,
            NO_DATA,
        )
        for value in (b'""', b'"1"', b"1", b"[1]", b"null", b"{}", b'"[1"')
    ),
    (
        truth().replace(b"CSV", b"BASE64"),
        Reason.ENCODING,
        "expected the encoding CSV or JSON, but received BASE64",
    ),
    *(
        (bad, Reason.NUL_CHARACTER, "the id or the label contains a NUL character, which no database stores")
        for bad in (truth(label="a\x00"), truth("e1\x00"))
    ),
]


def test_bad_labels_are_quarantined_line_by_line(here: Labelled) -> None:
    lines, reasons, details = zip(*BAD_LINES, strict=True)
    key = here.endpoint.raw_truth(b"\n".join([b"", *lines, truth(label="yes")]))

    found = here.read(None, ONE)

    assert found.labels == {("e1", 1): "yes"}
    assert [row[:4] for row in found.bad] == [
        ("label", f"{here.endpoint.folder}/{key}", number, reason) for number, reason in enumerate(reasons, 2)
    ]
    assert [row[4] for row in found.bad] == list(details)
    assert (found.counts.labels, found.counts.labels_quarantined) == (16, 15)


def test_a_quarantined_label_is_no_label(here: Labelled) -> None:
    here.endpoint.raw_truth(truth(label="a\x00"))

    found = here.read(None, ONE)

    assert (found.labels, found.counts.labelled) == ({("e1", 1): None}, 0)
    assert [row[3] for row in found.bad] == [Reason.NUL_CHARACTER]


def test_an_outcome_may_not_be_known_yet(here: Labelled) -> None:
    outcomes = {"e1": "", "e2": " ", "e3": "NaN", "e4": "nan", "e5": None}
    here.endpoint.raw_truth(b"\n".join(truth(event, label) for event, label in outcomes.items()))

    found = here.read(None, dict.fromkeys(outcomes, 1))

    assert found.labels == {(event, 1): None for event in outcomes}
    assert found.bad == []
    assert (found.counts.labels, found.counts.labelled) == (0, 0)


def test_a_regressions_label_is_a_number(here: Labelled) -> None:
    here.endpoint.raw_truth(truth(label="late"))

    found = here.read(None, ONE, output={"task": "regression", "response": ["prediction", "ignore"]})

    assert found.labels == {("e1", 1): None}
    assert found.bad[0][3:5] == (
        Reason.NO_LABEL,
        "expected eventMetadata.eventId and a number in groundTruthData.data",
    )


def test_the_later_label_counts(here: Labelled) -> None:
    here.endpoint.raw_truth(truth(label="later, same object") + b"\n", hour="2024/03/03/14")
    here.endpoint.raw_truth(truth(label="early") + b"\n" + truth(label="corrected"), hour="2024/03/04/01")

    assert here.read(None, ONE).labels == {("e1", 1): "corrected"}


def test_a_model_without_labels_reads_none(here: Labelled) -> None:
    here.endpoint.raw(one("e1").line())
    here.endpoint.raw_truth(truth())

    found = here.export(None)

    assert found.labels == {("e1", 1): None}
    assert (found.counts.labels, found.counts.label_source) == (0, "")


def test_labels_come_as_long_as_the_delay_allows(here: Labelled) -> None:
    days = ("2024/03/02/23", "2024/03/03/00", "2024/03/04/23", "2024/03/05/00")
    for hour in days:
        here.endpoint.raw_truth(truth(), hour=hour)
    here.endpoint.raw_truth(b"x", name="readme.txt")
    storage = open_storage(str(here.endpoint.folder), models.local_deployment(here.folder))
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


def test_labels_of_several_rows_are_told_apart_by_position(here: Labelled) -> None:
    here.endpoint.raw_truth(truth("many", "a\r\n\nc\nd\n") + b"\n" + truth("all", "x\n"))

    found = here.read(None, {"e1": 1, "many": 3, "all": 2})

    assert found.labels == {
        ("all", 1): "x",
        ("all", 2): "x",
        ("e1", 1): None,
        ("many", 1): "a",
        ("many", 2): None,  # not known yet
        ("many", 3): "c",
    }
    assert found.bad == []
    counts = found.counts
    assert (counts.labelled, counts.labels_unmatched, counts.labels_unmatched_sample) == (4, 1, ("many",))


def test_gzip_is_unpacked_whatever_its_name(here: Labelled) -> None:
    whole = (
        gzip.compress(truth(label="early") + b"\n") + gzip.compress(b"") + gzip.compress(truth("e1", "late"))
    )
    here.endpoint.raw_truth(whole, name="a.jsonl.gz")
    here.endpoint.raw_truth(gzip.compress(truth("e2", "of .json.gz")), name="a.json.gz", hour="2024/03/04/00")
    here.endpoint.raw_truth(truth("e2", "of another kind of file"), name="b.json.txt", hour="2024/03/04/01")
    here.endpoint.raw_truth(gzip.compress(truth("nobody") + b"\n" + NOISE)[:-200], name="b.jsonl")

    found = here.read(None, {"e1": 1, "e2": 1})

    assert found.labels == {("e1", 1): "late", ("e2", 1): "of .json.gz"}
    assert [row[3:5] for row in found.bad if row[3] == Reason.BROKEN_GZIP] == [
        (Reason.BROKEN_GZIP, "the gzip stream ends in the middle")
    ]
    assert (found.counts.labels_changed, found.counts.labels_unmatched_sample) == (1, ("nobody",))


def test_a_bomb_is_not_read_on(here: Labelled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "Limits", lambda: Limits(object_megabytes=1))
    here.endpoint.raw_truth(gzip.compress(b" \n" * (1 << 20)), name="a.jsonl.gz")

    found = here.read(None, ONE)

    ((*_, reason, detail, _),) = found.bad
    assert (reason, found.counts.labels_quarantined) == (Reason.TOO_LARGE, 1)
    assert "unpacks to more than" in detail


ROWS = 60
OUTCOMES = [str(number % 3 % 2) for number in range(ROWS)]


def in_json(data: Any, event_id: str = "batch") -> bytes:
    """Return ground truth with the encoding JSON."""
    record = one(event_id, label=data if isinstance(data, str) else json.dumps(data)).truth()
    record["groundTruthData"]["encoding"] = "JSON"
    return json.dumps(record).encode()


def in_lines(rows: list[Any]) -> str:
    return "\n \n".join(json.dumps(row) for row in rows) + "\n"


@pytest.mark.parametrize(
    ("documents", "labels"),
    [
        (
            {
                "one list": {"instances": [{"label": int(one)} for one in OUTCOMES]},
                "a list": [{"label": one} for one in OUTCOMES],
                "plain values": [int(one) for one in OUTCOMES],
                "a column": {"label": OUTCOMES},
                "JSON Lines": in_lines([{"label": one} for one in OUTCOMES]),
            },
            {},
        ),
        (
            {"paths": {"other": 1, "truth": {"rows": [{"was": one} for one in OUTCOMES]}}},
            {"label": "$.was", "rows": "$.truth.rows"},
        ),
        ({"nested": [{"out": {"late": one}} for one in OUTCOMES]}, {"label": "$.out.late"}),
    ],
    ids=["without paths", "paths", "nested"],
)
def test_labels_of_several_rows_in_json(
    here: Labelled, documents: dict[str, Any], labels: dict[str, str]
) -> None:
    here.endpoint.raw_truth(b"\n".join(in_json(data, event) for event, data in documents.items()))

    found = here.read({**models.YAML["labels"], **labels}, dict.fromkeys(documents, ROWS))

    for event in documents:
        assert [found.labels[event, row] for row in range(1, ROWS + 1)] == OUTCOMES, event
    assert (found.counts.labelled, found.bad) == (ROWS * len(documents), [])


def test_json_without_a_label(here: Labelled) -> None:
    here.endpoint.raw_truth(b"\n".join(in_json(data, "e1") for data in ("{", {"instances": []}, {"was": 1})))

    found = here.read(None, ONE)

    assert found.labels == {("e1", 1): None}
    assert [(reason, detail.split(":")[0]) for *_, reason, detail, _ in found.bad] == [
        (Reason.NOT_PAYLOAD_JSON, "the ground truth is not whole JSON"),
        (Reason.NO_LABEL, "the ground truth holds no rows"),
        (Reason.NO_LABEL, "the ground truth has no $.label"),
    ]


def test_the_path_of_the_rows_is_named_where_it_has_none(here: Labelled) -> None:
    here.endpoint.raw_truth(in_json({"instances": [{"label": 1}]}, "e1"))

    found = here.read({**models.YAML["labels"], "rows": "$.truth.rows"}, ONE)

    assert [(row[3], row[4]) for row in found.bad] == [
        (Reason.NO_LABEL, "the ground truth holds no rows at $.truth.rows")
    ]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_file_may_be_one_array(here: Labelled, indent: int | None) -> None:
    records = [one(f"e{number}").record() for number in range(3)]
    here.endpoint.raw(json.dumps(records, indent=indent).encode())
    truths = [json.loads(in_json({"label": number}, f"e{number}")) for number in range(3)]
    for name, part in (("truth.jsonl", truths[:2]), ("truth.json", truths[2:])):
        here.endpoint.raw_truth(json.dumps(part, indent=indent).encode(), name=name)

    found = here.export(models.YAML["labels"])

    assert found.labels == {("e0", 1): "0", ("e1", 1): "1", ("e2", 1): "2"}
    assert (found.counts.records, found.bad) == (3, [])
