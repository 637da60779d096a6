"""Every check type against its documented rule, on rows made for it: one column at its limit, one beyond it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from daywatch.adopt.propose import propose, write_new
from daywatch.adopt.sagemaker.constraints import DataConstraints, read_constraints
from daywatch.adopt.sagemaker.expectations import suite_of
from daywatch.alerts.cloudwatch import put
from daywatch.artifacts import WindowFolder
from daywatch.config.loading.load import load_model
from daywatch.config.model.model_monitor import CloudWatch
from daywatch.errors import SetupError
from daywatch.ingest.datasets.statistics_table import columns_of
from daywatch.run import WindowRun
from daywatch.stages.alert import put_metrics
from daywatch.stages.build_baseline import build_baseline
from daywatch.stages.day import run_window
from daywatch.stages.workspace import open_workspace
from daywatch.warehouse.migrate import upgrade
from daywatch.window import Window
from models import NAME, local_deployment
from monitor_files import constraint, constraints

READ, BAD, KEPT = 210, 22, 188
"""Rows of the day; the first ones do not have the type of ``type_bad``, the first 21 not that of ``type_ok``."""

OWN = {"distribution_constraints": {"comparison_threshold": 0.9}}
FEATURES = [
    constraint("type_ok", "Integral", 0.0),
    constraint("type_bad", "Integral", 0.0),
    constraint("complete_ok", "String", 0.75),
    constraint("complete_bad", "String", 0.75),
    constraint("domain_ok", "String", string_constraints={"domains": ["a"]}, monitoringConfigOverrides=OWN),
    constraint("domain_bad", "String", string_constraints={"domains": ["a"]}, monitoringConfigOverrides=OWN),
    constraint("number_ok", "Fractional"),
    constraint("number_bad", "Fractional"),
    constraint("text_ok", "String"),
    constraint("text_bad", "String"),
    constraint("negative", "Fractional", num_constraints={"is_non_negative": True}),
    constraint("gone", "String"),
]
CONSTRAINTS = constraints(
    FEATURES,
    datatype_check_threshold=0.9,
    domain_content_threshold=0.75,
    distribution={"comparison_method": "Simple", "comparison_threshold": 0.25},
)


def healthy(n: int) -> dict[str, Any]:
    half = n % 2
    return {
        **dict.fromkeys(("type_ok", "type_bad"), 1),
        **dict.fromkeys(("complete_ok", "complete_bad", "gone"), "x"),
        **dict.fromkeys(("domain_ok", "domain_bad"), "a"),
        **dict.fromkeys(("number_ok", "number_bad"), f"{half}.5"),
        **dict.fromkeys(("text_ok", "text_bad"), "ab"[half]),
        "negative": "1.5",
        "prediction": half,
    }


def faulty(n: int) -> dict[str, Any]:
    """Return a row; of the kept ones, 141 of 188 are three quarters, where each column is at its limit."""
    kept = n - BAD
    row = {
        **healthy(n),
        "type_ok": "none" if n < 21 else 1,
        "type_bad": "none" if n < BAD else 1,
        "complete_ok": "x" if kept < 141 else "",
        "complete_bad": "x" if kept < 140 else "",
        "domain_ok": "a" if kept < 141 else "new",
        "domain_bad": "a" if kept < 140 else "new",
        "number_ok": "0.5" if kept < 141 else "1.5",
        "number_bad": "0.5" if kept < 142 else "1.5",
        "text_ok": "a" if kept < 141 else "b",
        "text_bad": "a" if kept < 142 else "b",
        "negative": "-1.5" if n == READ - 1 else "1.5",
        "surplus": 7,
    }
    del row["gone"]
    return row


def write(folder: Path, day: str, rows: list[dict[str, Any]]) -> None:
    lines = [",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]
    path = folder / "shop" / day.replace("-", "/") / "rows.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines))


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, WindowFolder]:
    """The folder of an installation with a day that was judged, and the keys of its files."""
    folder = tmp_path_factory.mktemp("monitored")
    deployment, data = local_deployment(folder), folder / "data"
    write(data, "2024-03-01", [healthy(n) for n in range(100)])
    (data / "constraints.json").write_text(CONSTRAINTS)
    proposal = propose(NAME, "shop", deployment, constraints=["constraints.json"])
    path = deployment.models / f"{NAME}.yaml"
    write_new(proposal, path, deployment.suites / f"{NAME}.json")
    path.write_text(path.read_text() + "\nmodel_monitor:\n  files: true\n")
    write(data, "2024-03-02", [faulty(n) for n in range(READ)])
    upgrade(deployment.warehouse_url)
    build_baseline(NAME, deployment)
    run, _ = run_window(NAME, Window.of_day("2024-03-02"), deployment, lambda _: None)
    (folder / "run.json").write_text(run.model_dump_json())
    return folder, run.folder


def read(judged: tuple[Path, WindowFolder], key: str) -> Any:
    return json.loads((judged[0] / "artifacts" / key).read_bytes())


def test_each_check_type_flags_what_its_rule_says_and_no_more(judged: tuple[Path, WindowFolder]) -> None:
    found = read(judged, judged[1].constraint_violations)

    assert set(found) == {"violations"}
    assert {tuple(sorted(one)) for one in found["violations"]} == {
        ("constraint_check_type", "description", "feature_name")
    }
    assert [(one["feature_name"], one["constraint_check_type"]) for one in found["violations"]] == [
        ("gone", "missing_column_check"),
        ("surplus", "extra_column_check"),
        ("type_bad", "data_type_check"),
        ("complete_bad", "completeness_check"),
        ("domain_bad", "categorical_values_check"),
        ("number_bad", "baseline_drift_check"),
        ("text_bad", "baseline_drift_check"),
    ]


def test_descriptions_have_the_percentages(judged: tuple[Path, WindowFolder]) -> None:
    found = read(judged, judged[1].constraint_violations)["violations"]
    by_name = {one["feature_name"]: one["description"] for one in found}

    assert (
        by_name["type_bad"]
        == f"At least 90.0 % of the values have to be Integral, but {round(100 * 188 / 210, 10)} % are."
    )
    assert by_name["complete_bad"] == (
        f"At least 75.0 % of the rows have to have a value, but {round(100 * 140 / 188, 10)} % have one."
    )
    assert by_name["domain_bad"] == (
        f"At least 75.0 % of the values have to be known ones, but {round(100 * 140 / 188, 10)} % are."
    )
    assert by_name["number_bad"] == (
        f"The distance {142 / 188 - 0.5!r} (linf_simple) is above its threshold 0.25."
    )
    assert by_name["surplus"] == "No feature has this name, but 100 % of the records have it."


def test_what_has_no_check_type_fails_as_an_expectation(judged: tuple[Path, WindowFolder]) -> None:
    results = read(judged, judged[1].validation)["results"]

    failed = {one["column"] for one in results if one["success"] is False}
    assert "negative" in failed
    assert {one for one in failed if one.endswith("_ok")} == set()


def test_constraints_are_read_back_as_the_same_suite(judged: tuple[Path, WindowFolder]) -> None:
    folder, keys = judged
    model = load_model(folder / "models" / f"{NAME}.yaml")
    types = {one.name: one.type for one in model.features}

    again = read_constraints((folder / "artifacts" / keys.constraints).read_bytes(), "constraints.json")

    assert isinstance(again, DataConstraints)
    given = read_constraints(CONSTRAINTS.encode(), "constraints.json")
    assert isinstance(given, DataConstraints)
    found, expected = (
        {one["id"]: one for one in suite_of(NAME, {f.name: f for f in each.features}, types)["expectations"]}
        for each in (again, given)
    )
    assert found == expected
    compared = [
        {one.name: one.config.distribution_constraints.comparison_threshold for one in each.features}
        for each in (given, again)
    ]
    assert compared[1] == compared[0]


def test_statistics_have_the_windows_distributions(judged: tuple[Path, WindowFolder]) -> None:
    folder, keys = judged
    content = (folder / "artifacts" / keys.statistics).read_bytes()

    found = json.loads(content)

    assert found["dataset"] == {"item_count": 188.0}
    by_name = {one["name"]: one for one in found["features"]}
    assert "gone" not in by_name
    numbers = by_name["number_bad"]["numerical_statistics"]
    values = np.repeat([0.5, 1.5], [142, 46])
    assert numbers["common"] == {"num_present": 188, "num_missing": 0}
    expected = (values.mean(), values.sum(), values.std())
    assert (numbers["mean"], numbers["sum"], numbers["std_dev"]) == pytest.approx(expected)
    counts = [one["count"] for one in numbers["distribution"]["kll"]["buckets"]]
    assert counts == np.histogram(values, 10)[0].tolist()
    texts = by_name["complete_bad"]["string_statistics"]
    assert texts["common"] == {"num_present": 140, "num_missing": 48}
    assert texts["distribution"]["categorical"]["buckets"] == [{"value": "x", "count": 140}]
    read_back = columns_of(content)["number_bad"].to_numpy()
    assert sorted(read_back) == values.tolist()


def test_cloudwatch_has_the_metrics_once(
    judged: tuple[Path, WindowFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    import boto3
    from daywatch.orchestration.deployment import _put_metrics
    from moto.server import ThreadedMotoServer

    folder, _ = judged
    path = folder / "models" / f"{NAME}.yaml"
    section = "  cloudwatch: {connection: alarms, endpoint: shop-endpoint, schedule: hourly}\n"
    before = path.read_text()
    path.write_text(before.replace("  files: true\n", f"  files: true\n{section}"))
    deployment = replace(local_deployment(folder), cloudwatch=_put_metrics)
    stored = json.loads((folder / "run.json").read_text())
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        there = {"endpoint_url": f"http://{host}:{port}", "region_name": "eu-central-1"}
        value = {"conn_type": "aws", "login": "key", "password": "planted", "extra": there}
        monkeypatch.setenv("AIRFLOW_CONN_ALARMS", json.dumps(value))
        client = boto3.client("cloudwatch", **there, aws_access_key_id="k", aws_secret_access_key="s")
        for days, expected in ((15, 0), (0, 1), (0, 1)):
            with open_workspace(WindowRun(**stored), deployment) as workspace:
                at = datetime(2024, 3, 3, 6, tzinfo=UTC) + timedelta(days=days)
                assert put_metrics(workspace, at) == []
            drift = client.get_metric_statistics(
                Namespace="/aws/sagemaker/Endpoints/data-metrics",
                MetricName="feature_baseline_drift_number_bad",
                Dimensions=[
                    {"Name": "Endpoint", "Value": "shop-endpoint"},
                    {"Name": "MonitoringSchedule", "Value": "hourly"},
                ],
                StartTime=datetime(2024, 3, 2, tzinfo=UTC),
                EndTime=datetime(2024, 3, 4, tzinfo=UTC),
                Period=86_400,
                Statistics=["Sum", "SampleCount"],
            )["Datapoints"]
            assert [one["SampleCount"] for one in drift] == [1.0] * expected
        assert drift[0]["Sum"] == pytest.approx(142 / 188 - 0.5)
        names = {
            (one["Namespace"], one["MetricName"])
            for page in client.get_paginator("list_metrics").paginate()
            for one in page["Metrics"]
        }
        assert ("Daywatch", "verdict") in names
        assert ("Daywatch", "drift_score") in names
        assert ("/aws/sagemaker/Endpoints/data-metrics", "feature_data_number_bad") in names
        assert ("/aws/sagemaker/Endpoints/data-metrics", "feature_non_null_complete_bad") in names
    finally:
        server.stop()
        path.write_text(before)
    outside = CloudWatch(connection="alarms", endpoint="e", schedule="s")
    with pytest.raises(SetupError, match="only from Airflow"):
        put(outside, [], None)
