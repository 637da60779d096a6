"""Columns that a model redacts: planted secrets are in no artifact, no table and no log line."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import sqlite3
from dataclasses import replace
from pathlib import Path

import duckdb
import models
import pytest
from captures import Inference, day_of, one
from daywatch.config.deployment.connections import Connection
from daywatch.errors import SetupError
from daywatch.stages.build_baseline import build_baseline
from daywatch.warehouse.migrate import upgrade
from places import BASELINE_DAYS, DAY, Place, make_place

KEY = "a key that nobody guesses, longer than the sixty-four bytes of one block of the hash"
FEATURES = [
    *models.YAML["features"],
    {"name": "remark", "type": "text"},
    {"name": "mail", "type": "category"},
    {"name": "postcode", "type": "category"},
    {"name": "card", "type": "integer"},
]
REDACTION = {
    "drop": ["remark", "card"],
    "hash": ["mail"],
    "truncate": {"postcode": 2},
    "key": "redaction_key",
}
SECRETS = ("Geheimnis", "erika.mustermann", "98765", "4111222233334444")


def connections(name: str) -> Connection | None:
    return Connection(conn_type="generic", password=KEY) if name == "redaction_key" else None


def personal(inference: Inference) -> Inference:
    """Return the inference with a secret in each of the columns that are redacted."""
    remark, mail, postcode, card = SECRETS
    return replace(
        inference,
        request=f"{inference.request},{remark} {inference.event_id},{mail}@example.com,{postcode},{card}",
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A place whose captures hold secrets, in good records and in those that cannot be read."""
    folder = tmp_path_factory.mktemp("redacting")
    made = make_place(folder, features=FEATURES, redaction=REDACTION)
    made = Place(replace(made.deployment, connections=connections), made.endpoint)
    upgrade(made.deployment.warehouse_url)
    for day in BASELINE_DAYS:
        made.endpoint.play([personal(inference) for inference in day_of(day)])
    made.endpoint.play([personal(inference) for inference in day_of(DAY)])
    good = personal(one("bad")).line()
    fewer = replace(personal(one("fewer")), request=",".join(SECRETS)).line()
    number = replace(personal(one("number")), request=f"12.5,three,true,DE,{','.join(SECRETS)}").line()
    unquoted = replace(personal(one("quoted")), request='12.5,3,true,DE,"' + ",".join(SECRETS)).line()
    base64 = json.dumps(personal(one("coded")).record()).replace('"CSV"', f'"{SECRETS[0]}"').encode()
    lines = [
        good[:-40],
        good + b"\xff",
        b" ".join(s.encode() for s in SECRETS),
        fewer,
        number,
        unquoted,
        base64,
    ]
    made.endpoint.raw(b"\n".join(lines))
    truth = json.dumps({**one("nobody", label="1").truth(), "note": " ".join(SECRETS)}).encode()
    made.endpoint.raw_truth(truth[:-1] + b"\n" + " ".join(SECRETS).encode() + b"\n")
    return made


def test_planted_secrets_are_nowhere(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        build_baseline(models.NAME, place.deployment)
        run, _ = place.run()

    stored = {name: _content(content) for name, content in place.files().items()}
    stored["warehouse"] = _tables(place)
    stored["logs"] = caplog.text
    assert len(stored) > 12
    for name, content in stored.items():
        for secret in (*SECRETS, KEY):
            assert secret not in content, f"{secret} stands in {name}"
    quarantine = stored[run.folder.quarantine]
    assert quarantine.count("capture") == 7
    assert "items: expected a whole number of 64 bits, but received three" in quarantine


def test_what_is_stored_instead(place: Place) -> None:
    build_baseline(models.NAME, place.deployment)
    run, _ = place.run()
    path = Path(place.deployment.artifacts_uri) / run.folder.inferences
    mails = hmac.new(KEY.encode(), b"erika.mustermann@example.com", hashlib.sha256).hexdigest()

    rows = duckdb.sql(f"SELECT DISTINCT mail, postcode FROM read_parquet('{path}')").fetchall()
    columns = duckdb.sql(f"SELECT * FROM read_parquet('{path}')").columns

    assert rows == [(mails, "98")]
    assert "remark" not in columns
    assert "card" not in columns


def test_a_key_that_is_not_there_is_named(place: Place) -> None:
    without = replace(place.deployment, connections=lambda _: None)

    with pytest.raises(
        SetupError, match="Airflow connection 'redaction_key', but there is no such connection"
    ):
        build_baseline(models.NAME, without)


def _content(content: bytes) -> str:
    """Return a file as text; Parquet is compressed, so its values are written out."""
    if not content.startswith(b"PAR1"):
        return content.decode("utf-8", "replace")
    import io

    import pyarrow.parquet as pq

    return json.dumps(pq.read_table(io.BytesIO(content)).to_pylist(), default=str, ensure_ascii=False)


def _tables(place: Place) -> str:
    with sqlite3.connect(place.deployment.warehouse_url.removeprefix("sqlite:///")) as warehouse:
        return "\n".join(warehouse.iterdump())
