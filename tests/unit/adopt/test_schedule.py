"""A monitoring schedule becomes a model: every command of docs/sagemaker.md, on files with the API's answers."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from captures import Endpoint, day_of
from command import run_command
from daywatch.adopt.sagemaker.counterparts import counterparts
from daywatch.adopt.sagemaker.schedule import from_api, from_folder, read_schedule
from daywatch.errors import SetupError
from models import local_deployment
from monitor_files import categories, constraint, constraints, numbers, statistics

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "sagemaker.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = [
    one.strip().removeprefix(".venv/bin/daywatch ").split()
    for block in BLOCKS
    for one in re.sub(r"\\\n\s*", "", block).strip().splitlines()
]
NAME = {"MonitoringScheduleName": "churn-data-quality"}


def answers(root: str) -> dict[str, dict[str, Any]]:
    """Return the API's answers by call, with folders below an address."""
    return {
        "DescribeMonitoringSchedule": {
            **NAME,
            "MonitoringScheduleArn": "arn:aws:sagemaker:eu-central-1:123456789012:monitoring-schedule/x",
            "MonitoringScheduleStatus": "Scheduled",
            "CreationTime": "2024-01-01T00:00:00Z",
            "MonitoringScheduleConfig": {
                "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
                "MonitoringJobDefinitionName": "churn-definition",
                "MonitoringType": "DataQuality",
            },
        },
        "DescribeDataQualityJobDefinition": {
            "JobDefinitionName": "churn-definition",
            "DataQualityBaselineConfig": {
                "ConstraintsResource": {"S3Uri": f"{root}/baselining/constraints.json"},
                "StatisticsResource": {"S3Uri": f"{root}/baselining/statistics.json"},
            },
            "DataQualityAppSpecification": {
                "ImageUri": "123.dkr.ecr.eu-central-1.amazonaws.com/monitor",
                "RecordPreprocessorSourceUri": f"{root}/pre.py",
                "Environment": {"publish_cloudwatch_metrics": "Enabled"},
            },
            "DataQualityJobInput": {
                "EndpointInput": {"EndpointName": "churn", "LocalPath": "/opt/ml/processing/input"}
            },
            "DataQualityJobOutputConfig": {
                "MonitoringOutputs": [{"S3Output": {"S3Uri": f"{root}/reports", "LocalPath": "/opt/ml/out"}}]
            },
            "JobResources": {
                "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 20}
            },
            "RoleArn": "arn:aws:iam::123456789012:role/monitor",
        },
        "DescribeEndpoint": {
            "EndpointName": "churn",
            "EndpointConfigName": "churn-config",
            "ProductionVariants": [{"VariantName": "AllTraffic"}],
        },
        "DescribeEndpointConfig": {
            "EndpointConfigName": "churn-config",
            "DataCaptureConfig": {
                "EnableCapture": True,
                "InitialSamplingPercentage": 100,
                "DestinationS3Uri": f"{root}/captures",
                "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
            },
        },
    }


def write(folder: Path, documents: dict[str, dict[str, Any]]) -> Path:
    folder.mkdir(parents=True)
    for call, document in documents.items():
        (folder / f"{call}.json").write_text(json.dumps(document))
    return folder


def baselining(data: Path) -> None:
    features = [
        constraint("bought", "Integral"),
        constraint("amount", "Fractional", 0.5),
        constraint("items", "Integral"),
        constraint("member", "String"),
        constraint("country", "String"),
    ]
    rows = [one.request.split(",") for one in day_of("2024-02-01", rows=200)]
    of = list(zip(*rows, strict=True))
    (data / "baselining").mkdir()
    (data / "baselining" / "constraints.json").write_text(constraints(features))
    (data / "baselining" / "statistics.json").write_text(
        statistics(
            numbers("bought", [0, 1] * 100, kind="Integral"),
            numbers("amount", [float(one) for one in of[0]]),
            numbers("items", [int(one) for one in of[1]], kind="Integral"),
            categories("member", {one: of[2].count(one) for one in sorted(set(of[2]))}),
            categories("country", {one: of[3].count(one) for one in sorted(set(of[3]))}),
        )
    )


def test_every_command_of_the_page_runs(tmp_path: Path) -> None:
    deployment = local_deployment(tmp_path)
    data = Path(deployment.data_uri)
    Endpoint(data).capture([one for n in (1, 2, 3) for one in day_of(f"2024-03-0{n}")])
    (data / "captures").mkdir()
    (data / "shop-endpoint").rename(data / "captures" / "churn")
    baselining(data)
    folder = tmp_path / "answers"
    write(folder / "churn-data-quality", answers(deployment.data_uri))
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": "/",
        "DAYWATCH_DATA_URI": deployment.data_uri,
        "DAYWATCH_ARTIFACTS_URI": deployment.artifacts_uri,
        "DAYWATCH_MODELS": str(deployment.models),
        "DAYWATCH_SUITES": str(deployment.suites),
        "AIRFLOW_CONN_DAYWATCH_WAREHOUSE": json.dumps(
            {"conn_type": "sqlite", "host": deployment.warehouse_url.removeprefix("sqlite:///")}
        ),
        "NO_COLOR": "1",
        "COLUMNS": "200",
    }
    assert [one[0] for one in COMMANDS] == ["adopt", "lint", "warehouse", "baseline", "run", "init"]
    printed = {}
    for words in COMMANDS:
        given = [str(folder) if one == "answers" else one for one in words]
        done = run_command(*given, environment=environment)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        printed[words[0]] = done.stdout

    written = yaml.safe_load((deployment.models / "churn.yaml").read_text())
    assert written["capture"]["endpoint"] == "churn"
    assert written["baseline"] == {"dataset": "baselining/statistics.json", "label": "bought"}
    assert (deployment.suites / "churn.json").is_file()
    assert "RecordPreprocessorSourceUri" in printed["adopt"]
    assert "no counterpart" in printed["adopt"]
    assert "churn" in printed["run"]
    assert yaml.safe_load(printed["init"])["features"] == written["features"]


def test_every_setting_has_a_line(tmp_path: Path) -> None:
    folder = write(tmp_path / "answers", answers("s3://models"))

    found = read_schedule("churn-data-quality", from_folder(folder))

    assert found.captures == "s3://models/captures/churn/AllTraffic"
    lines = {one.theirs.rpartition(".")[2]: one.ours for one in counterparts(found)}
    assert lines["EndpointName"].startswith("capture.endpoint")
    assert lines["publish_cloudwatch_metrics"] == "model_monitor.cloudwatch"
    assert {name for name, ours in lines.items() if ours.startswith("no counterpart")} == {
        "JobDefinitionName", "MonitoringJobDefinitionName", "ImageUri", "RecordPreprocessorSourceUri",
        "InstanceCount", "InstanceType", "VolumeSizeInGB", "RoleArn", "EnableCapture", "CaptureMode",
    }  # fmt: skip


def test_statistics_of_model_quality_are_no_baseline(tmp_path: Path) -> None:
    documents = answers("s3://m")
    documents["DescribeMonitoringSchedule"]["MonitoringScheduleConfig"]["MonitoringType"] = "ModelQuality"
    documents["DescribeModelQualityJobDefinition"] = {
        "ModelQualityBaselineConfig": documents["DescribeDataQualityJobDefinition"][
            "DataQualityBaselineConfig"
        ],
        "ModelQualityJobInput": {
            "EndpointInput": {"EndpointName": "churn"},
            "GroundTruthS3Input": {"S3Uri": "s3://m/truth/"},
        },
    }

    found = read_schedule("churn", from_folder(write(tmp_path / "answers", documents)))

    assert (found.constraints, found.statistics) == ("s3://m/baselining/constraints.json", None)
    assert found.labels == "s3://m/truth"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"DescribeEndpoint": None}, r"There is no .*DescribeEndpoint\.json for EndpointName churn"),
        (
            {"DescribeMonitoringSchedule": {"MonitoringScheduleConfig": {"MonitoringType": "ModelBias"}}},
            "monitors ModelBias, which Daywatch does not",
        ),
        ({"DescribeEndpointConfig": {"EndpointConfigName": "c"}}, "Nothing says where the captures are"),
    ],
)
def test_what_cannot_be_adopted_is_one_sentence(
    tmp_path: Path, changes: dict[str, Any], expected: str
) -> None:
    documents = {key: one for key, one in (answers("s3://m") | changes).items() if one is not None}
    folder = write(tmp_path / "answers", documents)

    with pytest.raises(SetupError, match=expected):
        _ = read_schedule("churn-data-quality", from_folder(folder)).captures


def test_the_api_answers_what_no_file_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3
    from moto.server import ThreadedMotoServer

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    given = answers("s3://models")
    folder = write(tmp_path / "answers", {"DescribeMonitoringSchedule": given["DescribeMonitoringSchedule"]})
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        there = {"endpoint_url": f"http://{host}:{port}", "region_name": "eu-central-1"}
        client = boto3.client("sagemaker", **there)
        role = given["DescribeDataQualityJobDefinition"]["RoleArn"]
        client.create_model(ModelName="m", ExecutionRoleArn=role)
        variant = {
            "VariantName": "blue",
            "ModelName": "m",
            "InitialInstanceCount": 1,
            "InstanceType": "ml.m5.large",
        }
        client.create_endpoint_config(
            EndpointConfigName="churn-config",
            ProductionVariants=[variant],
            DataCaptureConfig=given["DescribeEndpointConfig"]["DataCaptureConfig"],
        )
        client.create_endpoint(EndpointName="churn", EndpointConfigName="churn-config")
        definition = given["DescribeDataQualityJobDefinition"]
        client.create_data_quality_job_definition(**definition)

        api = from_api("eu-central-1", there["endpoint_url"])
        found = read_schedule("churn-data-quality", from_folder(folder, api))

        assert found.captures == "s3://models/captures/churn/blue"
        assert found.constraints == "s3://models/baselining/constraints.json"
        with pytest.raises(SetupError, match="SageMaker refused DescribeEndpoint"):
            api("DescribeEndpoint", {"EndpointName": "gone"})
    finally:
        server.stop()
