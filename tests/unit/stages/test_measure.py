"""The stage: what the service and the captures say, stored and judged, for a source that carries everything."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from captures import day_of
from daywatch.config.loading.load import find_model
from daywatch.errors import SetupError
from daywatch.judge.evidence import Evidence, read_evidence
from daywatch.profiles.profile import Profile, SliceProfiles, profile_rows
from daywatch.run import WindowRun
from daywatch.stages.export import export
from daywatch.stages.judge import judge
from daywatch.stages.measure import measure
from daywatch.stages.record import record
from daywatch.stages.validate import validate
from daywatch.storage import open_storage
from daywatch.verdicts import Verdict
from daywatch.window import Window
from models import NAME
from operations import write_operations
from places import BASELINE_DAYS, DAY, Place, make_baseline
from rows import dump
from sklearn.metrics import accuracy_score, roc_auc_score
from sources import transaction, write_files

SLOW = {"metric": "latency_p95", "red": "> 300"}


@pytest.fixture
def here(place: Callable[..., Place]) -> Callable[..., Place]:
    """Return a function that makes a place with a baseline."""

    def make(**changes: Any) -> Place:
        made = place(operations={"slow_ms": 250}, **changes)
        for day in BASELINE_DAYS:
            log(made, day)
        make_baseline(made)
        return made

    return make


LOG = {"source": "transaction_records", "prefix": "shop-log"}


def log(place: Place, day: str, rows: int = 60, **changes: Any) -> None:
    """Write a day's inferences as transaction records too."""
    records = [transaction(one, **changes) for one in day_of(day, rows=rows)]
    lines = "\n".join(map(json.dumps, records))
    write_files(place.endpoint.folder, {f"shop-log/{day.replace('-', '/')}/12/a.jsonl": lines.encode()})


def judged(place: Place, day: str, tmp_path: Path, **columns: list[Any]) -> tuple[WindowRun, Verdict]:
    """Run the stages on a day whose source carries these columns."""
    run, stage_run = export(NAME, Window.of_day(day), place.deployment)
    if columns:
        target = Path(place.deployment.artifacts_uri) / run.folder.operations
        write_operations(target, **columns)
    for stage in (validate, measure, judge):
        stage(run, place.deployment)
    record(run, [stage_run], place.deployment)
    return run, Verdict.model_validate_json(place.files()[run.folder.verdict])


def served(day: str, rows: int = 60, **columns: Any) -> dict[str, list[Any]]:
    """Return operations of a day's inferences."""
    start = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return {
        "event_id": [f"{day}-{n:04}" for n in range(rows)],
        "inference_time": [start + timedelta(hours=n * 24 // rows) for n in range(rows)],
        **columns,
    }


def metrics(place: Place, run: WindowRun) -> dict[tuple[str, str], float | None]:
    return {(one.name, one.slice): one.value for one in evidence(place, run).metrics if not one.column}


def codes(place: Place, run: WindowRun) -> list[str]:
    return [str(one.code) for one in evidence(place, run).findings]


def evidence(place: Place, run: WindowRun) -> Evidence:
    artifacts = open_storage(place.deployment.artifacts_uri, place.deployment)
    return read_evidence(run, artifacts, find_model(NAME, place.deployment.models))


def test_latency_is_judged_with_too_few_rows_for_drift(here: Callable[..., Place], tmp_path: Path) -> None:
    place = here(
        capture={**LOG, "partition": "%Y/%m/%d"}, plan__rules=[SLOW, {"metric": "roc_auc", "red": "< 0.5"}]
    )
    log(place, DAY, 5)

    run, verdict = judged(
        place, DAY, tmp_path, **served(DAY, 5, latency_ms=[100.0, 200.0, 300.0, 400.0, 500.0])
    )

    assert verdict.state == "RED"
    assert verdict.short.startswith("Latency p95 480 ms")
    assert verdict.rules[1].reason.endswith("is not judged: 5 rows, fewer than the plan's minimum of 20")
    slow = json.loads(place.files()[run.folder.slow])
    assert [one["latency_ms"] for one in slow["slowest"]] == [500, 400, 300]
    assert codes(place, run)[:2] == ["hours_without_captures", "slow_inferences"]


def test_a_log_without_latency_leaves_the_rule_grey(here: Callable[..., Place], tmp_path: Path) -> None:
    place = here(capture={**LOG, "partition": "%Y/%m/%d"}, plan__rules=[SLOW])
    log(place, DAY, elapse=None)

    run, verdict = judged(place, DAY, tmp_path)

    assert verdict.reasons == ("Latency p95 is unknown: it was not measured",)
    assert codes(place, run) == []
    assert metrics(place, run)["hours_without_captures", ""] == 0


def test_a_latency_that_rises_over_the_baselines(here: Callable[..., Place], tmp_path: Path) -> None:
    rising = {"metric": "latency_p95", "amber": "rises by 20 %", "red": "rises by 100 %"}
    place = here(capture={**LOG, "partition": "%Y/%m/%d"}, plan__rules=[rising])
    days = {"2024-03-03": 12, "2024-03-04": 15, "2024-03-05": 24}
    for day, elapse in days.items():
        log(place, day, elapse=elapse)

    found = {day: judged(place, day, tmp_path)[1] for day in days}

    assert [one.state for one in found.values()] == ["GREEN", "AMBER", "RED"]
    assert found["2024-03-05"].reasons == ("Latency p95 is 24 ms (baseline 12 ms): red rises by 100 %",)


def test_a_baseline_that_does_not_say_how_it_was_served(here: Callable[..., Place], tmp_path: Path) -> None:
    place = here()
    place.endpoint.play(day_of(DAY))
    run, _ = export(NAME, Window.of_day(DAY), place.deployment)
    (Path(place.deployment.artifacts_uri) / run.baseline.operations).unlink()

    with pytest.raises(SetupError, match="does not say how it was served: .*Run the DAG baseline__shop"):
        measure(run, place.deployment)
    make_baseline(place)
    measure(run, place.deployment)


def test_a_silent_weekday_is_red_and_not_merely_grey(here: Callable[..., Place], tmp_path: Path) -> None:
    place = here(plan__rules=[{"metric": "volume_change", "red": "< -80 %"}])
    for day, rows in (("2024-03-03", 60), ("2024-03-10", 80), ("2024-03-17", 20), ("2024-03-24", 0)):
        place.endpoint.play(day_of(day, rows=rows))

    runs = {
        day: judged(place, day, tmp_path) for day in ("2024-03-03", "2024-03-10", "2024-03-17", "2024-03-24")
    }

    found = {day: metrics(place, run)["volume_change", ""] for day, (run, _) in runs.items()}
    assert found == {
        "2024-03-03": None,
        "2024-03-10": pytest.approx(80 / 60 - 1),
        "2024-03-17": pytest.approx(20 / 70 - 1),
        "2024-03-24": -1,
    }
    assert "volume_fall" in codes(place, runs["2024-03-17"][0])
    assert "volume_fall" not in codes(place, runs["2024-03-10"][0])
    assert runs["2024-03-24"][1].state == "RED"


def test_a_day_recorded_late_counts_for_the_days_after_it(here: Callable[..., Place], tmp_path: Path) -> None:
    place = here(plan__rules=[{"metric": "volume_change", "red": "> 20 %"}])
    place.endpoint.play(day_of("2024-03-03"))
    place.endpoint.play(day_of("2024-03-10", rows=80))
    run, before = judged(place, "2024-03-10", tmp_path)
    assert before.state == "GREY"

    judged(place, "2024-03-03", tmp_path)

    now = Verdict.model_validate_json(place.files()[run.folder.verdict])
    assert now.state == "RED"
    rows = dump(place.deployment.warehouse_url)
    states = {row["window_start"][:10]: row["state"] for row in rows["verdict"]}
    assert states == {"2024-03-03": "GREY", "2024-03-10": "RED"}
    (incident,) = rows["incident"]
    assert incident["first_window"][:10] == "2024-03-10"


def test_two_versions_have_results_of_their_own(here: Callable[..., Place], tmp_path: Path) -> None:
    place = here()
    earlier, day = "2024-03-03", "2024-03-04"
    inferences = {one: day_of(one) for one in (earlier, day)}
    for one in inferences.values():
        place.endpoint.play(one)
    judged(
        place, earlier, tmp_path, **served(earlier, model_version=["1"] * 60, sampling_percent=[100.0] * 60)
    )
    versions = ["1" if n % 3 else "2" for n in range(60)]
    latency = [float(n) for n in range(60)]
    columns = {"model_version": versions, "latency_ms": latency, "sampling_percent": [50.0] * 60}

    run, _ = judged(place, day, tmp_path, **served(day, **columns))

    found = metrics(place, run)
    frame = pd.DataFrame(
        {
            "version": versions,
            "label": [int(one.label or 0) for one in inferences[day]],
            "prediction": [int(one.response.split(",")[0]) for one in inferences[day]],
            "probability": [float(one.response.split(",")[1]) for one in inferences[day]],
            "latency": latency,
        }
    )
    for version, part in frame.groupby("version"):
        piece = f"version={version}"
        assert found["rows", piece] == len(part)
        assert found["latency_p95", piece] == pytest.approx(part["latency"].quantile(0.95))
        assert found["accuracy", piece] == pytest.approx(accuracy_score(part["label"], part["prediction"]))
        assert found["roc_auc", piece] == pytest.approx(roc_auc_score(part["label"], part["probability"]))
    assert codes(place, run) == ["model_version_changed", "sampling_changed"]
    rows = dump(place.deployment.warehouse_url)
    assert [
        (row["version"], row["records"], row["rows"])
        for row in rows["window_version"]
        if row["revision"] == run.revision
    ] == [("1", 40, 40), ("2", 20, 20)]
    stored = {row["metric"] for row in rows["metric_value"] if row["slice"] == "version=2"}
    assert {"rows", "labelled", "roc_auc", "prediction_drift", "target_drift"} <= stored
    drifted = [row for row in rows["drift_by_day"] if row["slice"] == "version=2"]
    assert {row["metric"] for row in drifted} == {"prediction_drift", "target_drift"}
    (alone,) = {row["slice"] for row in rows["metric_value"] if row["window_start"][:10] == earlier}
    assert alone == ""


def test_slices_with_rows_enough_are_profiled_and_stored(here: Callable[..., Place], tmp_path: Path) -> None:
    slices = [
        {"by": "country", "top": 2, "minimum_rows": 18},
        {"name": "large", "where": "amount > 50", "minimum_rows": 1},
        {"name": "huge", "where": "amount > 1000", "minimum_rows": 1},
    ]
    place = here(capture={**LOG, "partition": "%Y/%m/%d"}, slices=slices)
    log(place, DAY)

    run, _ = judged(place, DAY, tmp_path)

    rows = pd.read_parquet(BytesIO(place.files()[run.folder.inferences]))
    measured = {name: value or 0 for (metric, name), value in metrics(place, run).items() if metric == "rows"}
    enough = {name for name in measured if name == "large" or (measured[name] >= 18 and name != "")}
    assert 1 < len(enough) < len(measured) - 1
    profiles = SliceProfiles.model_validate_json(place.files()[run.folder.slice_profiles]).slices
    assert set(profiles) == enough
    baseline = Profile.model_validate_json(place.files()[run.baseline.profile])
    for name in enough - {"country=(other)"}:
        chosen = rows["amount"] > 50 if name == "large" else rows["country"] == name.removeprefix("country=")
        rows[chosen].to_parquet(tmp_path / "slice.parquet", index=False)
        alone = profile_rows(tmp_path / "slice.parquet", find_model(NAME, place.deployment.models), baseline)
        assert profiles[name] == alone
    stored = dump(place.deployment.warehouse_url)["column_profile"]
    columns = [column.name for column in baseline.columns]
    for name, profile in profiles.items():
        of_slice = {row["column_name"]: row for row in stored if row["slice"] == name}
        assert sorted(of_slice) == sorted(columns)
        assert of_slice["amount"]["count"] == profile.rows
    assert {row["slice"] for row in stored if not row["of_baseline"]} == {"", *enough}


def test_without_slices_there_are_no_profiles_of_any(here: Callable[..., Place], tmp_path: Path) -> None:
    place = here(capture={**LOG, "partition": "%Y/%m/%d"})
    log(place, DAY)
    run, _ = judged(place, DAY, tmp_path)
    assert place.files()[run.folder.slice_profiles] == b'{"slices":{}}'
