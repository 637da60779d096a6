"""Known answers looked up in rows, through the real Great Expectations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from captures import day_of
from daywatch.report.sentences.rows import failure_row
from daywatch.results import ExpectationResult
from daywatch.stages.export import export
from daywatch.storage import open_storage
from daywatch.validation.run_suite import validate_rows
from daywatch.validation.suite import read_suite, write_suite
from daywatch.warehouse.migrate import upgrade
from daywatch.window import Window
from models import NAME, write_model
from places import make_baseline, make_place

ROWS: dict[str, Any] = {
    'we"ird %s': pa.array([1.5, 1.5, 2.0, float("nan"), None], from_pandas=False),
    "items": pa.array([7, 7, 7, 8, None]),
    "country": pa.array(["DE", "DE", None, "FR", "DE"]),
    "prediction": pa.array(["1", "0", "1", "1", None]),
    "probability": pa.array([0.9, 0.4, 0.9000001, float("nan"), None], from_pandas=False),
    "probabilities": pa.array([[0.1, 0.9], [0.6, 0.4], [0.1, 0.9], None, [0.1]], pa.list_(pa.float64())),
}


def case(features: dict[str, Any], expected: dict[str, Any], **more: Any) -> dict[str, Any]:
    kwargs = {"case": "c", "features": features, "expected": expected, "tolerance": 1e-6, **more}
    return {"type": "expect_known_answer", "kwargs": kwargs, "severity": "critical"}


def ask(tmp_path: Path, *expectations: dict[str, Any], **changed: Any) -> tuple[ExpectationResult, ...]:
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({**ROWS, **changed}), path)
    return validate_rows(path, {"name": NAME, "expectations": list(expectations)}, None, tmp_path).results  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("features", "expected", "found"),
    [
        ({"country": "FR"}, {"prediction": "1"}, (True, "as expected in 1 of 1 requests")),
        ({"items": 7, "country": None}, {"probability": 0.9}, (True, "as expected in 1 of 1 requests")),
        ({'we"ird %s': 2.0}, {"probabilities": [0.1, 0.9]}, (True, "as expected in 1 of 1 requests")),
        (
            {'we"ird %s': 1.5, "country": "DE"},
            {"prediction": "1", "probability": 0.9},
            (False, 'prediction "0" instead of "1", probability 0.4 instead of 0.9 in 1 of 2 requests'),
        ),
        (
            {"items": 7},
            {"probabilities": [0.1, 0.9]},
            (False, "probabilities [0.6, 0.4] instead of [0.1, 0.9] in 1 of 3 requests"),
        ),
        (
            {"items": 8},
            {"probability": 0.5},
            (False, "probability nan instead of 0.5 in 1 of 1 requests"),
        ),
        (
            {"items": None},
            {"prediction": "1"},
            (False, 'prediction nothing instead of "1" in 1 of 1 requests'),
        ),
        (
            {"items": None},
            {"probabilities": [0.1, 0.9]},
            (False, "probabilities [0.1] instead of [0.1, 0.9] in 1 of 1 requests"),
        ),
        (
            {"items": 8},
            {"probabilities": [0.1, 0.9]},
            (False, "probabilities nothing instead of [0.1, 0.9] in 1 of 1 requests"),
        ),
    ],
)
def test_a_case(features: dict[str, Any], expected: dict[str, Any], found: Any, tmp_path: Path) -> None:
    (one,) = ask(tmp_path, case(features, expected))
    assert (one.success, one.observed) == found


def test_the_tolerance_counts(tmp_path: Path) -> None:
    features, expected = {"items": 7, "country": None}, {"probability": 0.9}
    strict, loose = ask(
        tmp_path, case(features, expected, tolerance=1e-9), case(features, expected, tolerance=1e-6)
    )
    assert (strict.success, loose.success) == (False, True)


@pytest.mark.parametrize(("absent", "success"), [("not_evaluated", None), ("failed", False)])
def test_a_case_that_never_comes_is_never_green(absent: str, success: bool | None, tmp_path: Path) -> None:
    (one,) = ask(tmp_path, case({"items": 99}, {"prediction": "1"}, absent=absent))
    assert one.success is success
    assert "no captured request has these features" in (one.note or one.observed)


def test_one_that_cannot_be_looked_up_leaves_the_others_alone(tmp_path: Path) -> None:
    found = ask(
        tmp_path,
        case({"items": "many"}, {"prediction": "1"}),
        case({"items": 8}, {"prediction": "1"}),
        case({"gone": 8}, {"prediction": "1"}),
        case({"items": 8}, {"price": 1}),
        case({}, {"prediction": "1"}),
        case({"items": {"a": [1]}}, {"prediction": "1"}),
        case({"country": "FR"}, {"prediction": "0"}),
    )
    assert [one.success for one in found] == [None, True, None, None, None, None, False]
    assert found[2].note == 'The rows have no column "gone".'
    assert all(one.note for one in found if one.success is None)


def test_hostile_answers_are_escaped_and_short(tmp_path: Path) -> None:
    (one,) = ask(
        tmp_path,
        case({"items": 8}, {"prediction": "1"}),
        prediction=pa.array(["1", "1", "1", "<b>\x1b\n" + "x" * 9999, "1"]),
    )
    assert one.observed.startswith('prediction "<b>\\u001b\\nxxx')
    assert len(one.observed) < 120


def test_the_mail_says_what_changed(tmp_path: Path) -> None:
    asked = {**case({"items": 7}, {"prediction": "1"}), "description": "Known answer: storm"}
    row = failure_row(ask(tmp_path, asked)[0])
    assert row.title == "Known answer: storm"
    assert row.detail.startswith('observed prediction "0" instead of "1" in 1 of 3 requests; ')


def test_no_rows(tmp_path: Path) -> None:
    empty = {name: column.slice(0, 0) for name, column in ROWS.items()}
    (one,) = ask(tmp_path, case({"items": 8}, {"prediction": "1"}), **empty)
    assert one.success is None


def test_from_the_file_to_the_stored_result(tmp_path: Path) -> None:
    """A changed file is another revision, an edited expectation stays, and a removed one stays away."""
    place = make_place(tmp_path)
    upgrade(place.deployment.warehouse_url)
    make_baseline(place)
    day = "2024-03-03"
    place.endpoint.play(day_of(day))
    window, models = Window.of_day(day), place.deployment.models
    without, _ = export(NAME, window, place.deployment)
    write_model(models, known_answers={"file": "shop.jsonl", "tolerance": 0.01, "absent": "failed"})
    line = '{"case": "storm", "features": {"amount": -1}, "prediction": "1"}'
    (models / "shop.jsonl").write_text(line)
    first, _ = export(NAME, window, place.deployment)
    (models / "shop.jsonl").write_text(line.replace("-1", "-2"))
    second, _ = export(NAME, window, place.deployment)
    assert len({without.revision, first.revision, second.revision}) == 3

    run, _ = place.run(day)
    artifacts = open_storage(place.deployment.artifacts_uri, place.deployment)
    (found,) = [
        ExpectationResult.model_validate(one)
        for one in json.loads(artifacts.read(run.folder.validation))["results"]
        if one["expectation"] == "expect_known_answer"
    ]
    assert (found.success, found.description) == (False, "Known answer: storm")
    assert json.loads(found.kwargs)["features"] == {"amount": -2}
    assert "Known answer: storm" in artifacts.read(run.folder.report_html).decode()

    suite = json.loads(artifacts.read(run.folder.suite))
    suite["expectations"][-1]["severity"] = "info"
    write_suite(place.deployment.suites / f"{NAME}.json", suite)
    edited = read_suite(place.deployment.suites / f"{NAME}.json")
    third, _ = export(NAME, window, place.deployment)
    assert third.revision != run.revision
    assert json.loads(artifacts.read(third.folder.suite))["expectations"] == edited["expectations"]
    del suite["expectations"][-1]
    write_suite(place.deployment.suites / f"{NAME}.json", suite)
    fourth, _ = export(NAME, window, place.deployment)
    assert "expect_known_answer" not in {
        one["type"] for one in json.loads(artifacts.read(fourth.folder.suite))["expectations"]
    }
