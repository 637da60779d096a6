"""A look at a model before anything is judged: three broken set-ups, and one that is well."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from captures import Inference, day_of
from cases import as_json, capture, command
from daywatch.config.deployment.connections import Connection
from daywatch.errors import ConfigurationError, SetupError
from daywatch.ingest.labels.source import Sample
from daywatch.stages.check import Line, check_model
from daywatch.stages.quarantine import quarantine_of_window, quarantined_records
from daywatch.window import Window
from models import NAME
from places import BASELINE_DAYS, DAY, Place, make_baseline

Make = Callable[..., Place]
LAST = BASELINE_DAYS[-1]


def seen(place: Place, window: str | None = None) -> tuple[list[str], list[str]]:
    """Return all lines of a check, and those that are problems."""
    chosen = Window.of_day(window) if window else None
    lines: list[Line] = list(check_model(NAME, chosen, place.deployment))
    return [one.text.strip() for one in lines], [one.text.strip() for one in lines if one.problem]


def test_a_model_that_is_well(place: Make) -> None:
    here = place()
    identity = make_baseline(here)
    here.endpoint.play(day_of(DAY))
    before = here.files()

    lines, problems = seen(here, DAY)

    assert problems == []
    assert here.files() == before
    assert f"warehouse: answers, baseline {identity}" in lines
    assert "mail: no connection, no mail is sent" in lines
    assert (
        lines.count("100.0 % of the rows have a label") + lines.count("100 % of the rows have a label") == 2
    )
    assert any(line.startswith("60 records read from ") for line in lines)
    assert any(line.startswith("label: 60 values, 2 different: '") for line in lines)
    assert any(line.startswith("amount DOUBLE: ") for line in lines)
    assert any(line.startswith("member BOOLEAN: ") for line in lines)


def test_columns_in_another_order(place: Make) -> None:
    """The YAML says number first, the captures have the country there."""
    here = place()
    turned = [replace(one, request=",".join(reversed(one.request.split(",")))) for one in day_of(LAST)]
    here.endpoint.play(turned)

    _, problems = seen(here)

    assert [one.split(":")[0] for one in problems] == [
        "labels from " + here.endpoint.folder.as_posix() + "/shop-truth",
        "quarantined",
    ]
    assert problems[1].startswith(
        "quarantined: not_a_number in amount (60 records), such as capture.jsonl, record 1: "
    )
    assert problems[1].endswith(f"expected a number, but received {turned[0].request[:2]}")


def test_labels_of_other_ids_and_in_another_spelling(place: Make) -> None:
    here = place()
    day = day_of(LAST)
    here.endpoint.capture(day)
    here.endpoint.label(replace(one, event_id=f"order-{one.event_id}") for one in day)
    _, problems = seen(here)
    (problem,) = problems
    assert "0 rows labelled; 58 labels of no row of these days, such as that of 'order-2024-03-02-" in problem

    spelt = place("spelt")
    spelt.endpoint.capture(day)
    spelt.endpoint.label(replace(one, label="won" if one.label == "1" else "lost") for one in day)
    _, problems = seen(spelt)
    assert [one.split(":")[0] for one in problems] == ["predictions and labels share no class"]


def test_nothing_there_and_a_server_that_is_away(place: Make) -> None:
    here = place()
    gone = Connection(
        conn_type="smtp", host="127.0.0.1", port=9, extra={"disable_ssl": True, "from_email": "a@b.c"}
    )
    away = replace(here, deployment=replace(here.deployment, smtp=gone))

    lines = list(check_model(NAME, None, away.deployment))

    assert [one.unreachable for one in lines if one.problem] == [True, False]
    assert [one.text for one in lines if one.problem][1].startswith("  0 objects under ")


def test_names_in_the_captures(place: Make) -> None:
    """Requests are JSON, one key is misspelt in the YAML, and one is not in it."""
    here = place(
        features=[{"name": "amout", "type": "number"}, {"name": "items", "type": "integer", "at": "$.of.n"}]
    )
    requests = [{"amount": 1.5, "of": {"n": n}, "shop": "x"} for n in range(5)]
    lines = [capture(f"e{n}", LAST, as_json(one), "1,0.9", hour=12) for n, one in enumerate(requests)]
    here.endpoint.raw("\n".join(lines).encode(), hour=f"{LAST.replace('-', '/')}/12")

    found, problems = seen(here)

    assert "the captures name amount, of.n, shop" in found
    assert "found and not configured: amount, shop" in found
    assert "configured and not found: amout, did you mean 'amount'?" in problems


def test_a_sample_has_bounds() -> None:
    sample = Sample(objects=3, bytes=10)

    assert sample.of([("a", 99), ("b", 1)]) == ["a"]
    assert sample.of([("a", 4), ("b", 4), ("c", 4)]) == ["a", "b"]
    assert sample.of([("a", 1), ("b", 1), ("c", 1), ("d", 1)]) == ["a", "b", "c"]
    assert sample.of([]) == []


def test_the_commands_and_their_exit_codes(place: Make) -> None:
    here = place()
    deployment = here.deployment
    warehouse = deployment.warehouse_url.removeprefix("sqlite:///")
    environment = {
        "DAYWATCH_MODELS": str(deployment.models),
        "DAYWATCH_DATA_URI": deployment.data_uri,
        "DAYWATCH_ARTIFACTS_URI": deployment.artifacts_uri,
        "AIRFLOW_CONN_DAYWATCH_WAREHOUSE": json.dumps({"conn_type": "sqlite", "host": warehouse}),
        "NO_COLOR": "1",
    }
    code, output = command(environment, "check", "--model", NAME)
    assert code == 4
    assert "problem: 0 objects under" in output
    assert output.endswith("shop: 1 problem\n")

    here.endpoint.play(day_of(LAST))
    code, output = command(environment, "check", "--model", NAME)
    assert (code, output[-17:]) == (0, "shop: 0 problems\n"[-17:])

    code, output = command(environment, "quarantine", "--model", NAME, "--window", DAY)
    assert code == 4
    assert "was not judged" in output


def test_an_unknown_model_or_window(place: Make) -> None:
    here = place()

    with pytest.raises(ConfigurationError, match="did you mean 'shop'"):
        list(check_model("shp", None, here.deployment))
    with pytest.raises(SetupError, match="was not judged"):
        quarantine_of_window(NAME, Window.of_day(DAY), here.deployment)


def test_the_quarantine_of_a_window(place: Make, tmp_path: Path) -> None:
    here = place(redaction={"hash": [], "truncate": {"country": 1}})
    make_baseline(here)
    day: list[Inference] = day_of(DAY)
    broken = [replace(one, request=f"a lot,{one.request.split(',', 1)[1]}") for one in day[:7]]
    here.endpoint.play([*broken, *day[7:]])
    here.endpoint.raw(b"no JSON\n")
    here.run()
    key = quarantine_of_window(NAME, Window.of_day(DAY), here.deployment)

    records, total = quarantined_records(key, here.deployment, limit=3)
    assert (len(records), total) == (3, 8)
    (one,), total = quarantined_records(key, here.deployment, "not_json")
    assert (one.kind, one.record, one.excerpt, total) == ("capture", 1, "xx xxxx", 1)
    with pytest.raises(
        SetupError, match=r"did you mean 'not_json'\?: there is not_a_number \(7\), not_json \(1\)"
    ):
        quarantined_records(key, here.deployment, "not_jso")
    with pytest.raises(SetupError, match="There is no quarantine in"):
        quarantined_records("shop/baselines/none/quarantine.parquet", here.deployment)
