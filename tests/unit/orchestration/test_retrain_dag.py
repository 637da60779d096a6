"""The DAG that retrains, as it is made from a model's YAML."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import models
import pytest
from airflow.sdk import DAG
from aws_server import aws_server
from daywatch.orchestration.dags.monitor import monitor
from daywatch.orchestration.dags.retrain import retrain


@pytest.fixture
def dag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DAG:
    """The DAG of a model whose promoted versions a DAG of the team deploys."""
    promotion = {"retraining": {"trainer": "trainers:majority", "promotion": {"dag": "deploy_shop"}}}
    models.write_model(tmp_path, **promotion)
    monkeypatch.setenv("DAYWATCH_MODELS", str(tmp_path))
    made = retrain(models.model(**promotion))
    assert made is not None
    return made


def test_the_order_of_the_tasks(dag: DAG) -> None:
    assert {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks} == {
        "decide": ["approve", "train"],
        "approve": ["train"],
        "train": ["hand_over", "mail", "register", "reject"],
        "register": ["hand_over", "mail"],
        "mail": [],
        "reject": [],
        "hand_over": ["deploy"],
        "deploy": [],
    }


def test_a_promoted_version_is_an_asset_event_and_triggers_the_teams_dag(dag: DAG) -> None:
    (outlet,) = dag.get_task("hand_over").outlets
    assert outlet.name == "daywatch://shop/promoted"
    deploy = dag.get_task("deploy")
    assert (deploy.trigger_dag_id, deploy.skip_when_already_exists) == ("deploy_shop", True)
    assert deploy.trigger_run_id == ("promoted__shop__{{ ti.xcom_pull(task_ids='hand_over')['version'] }}")
    assert sorted(deploy.conf) == ["artifact", "checksum", "model", "version"]


def test_a_promoted_version_starts_a_pipeline_of_sagemaker(monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = {"name": "deploy-shop", "connection": "pipelines"}
    made = retrain(
        models.model(retraining={"trainer": "trainers:majority", "promotion": {"pipeline": pipeline}})
    )
    assert made is not None
    start = made.get_task("start_pipeline")
    assert start.upstream_task_ids == {"hand_over"}
    handed = {"model": "shop", "version": "retrained-1", "artifact": "s3://a/m.skops", "checksum": "0a"}

    with aws_server() as (client, connection):
        monkeypatch.setenv("AIRFLOW_CONN_PIPELINES", connection)
        role = "arn:aws:iam::123456789012:role/pipelines"
        definition = json.dumps({"Version": "2020-12-01", "Steps": []})
        sagemaker = client("sagemaker")
        sagemaker.create_pipeline(PipelineName="deploy-shop", PipelineDefinition=definition, RoleArn=role)
        start.render_template_fields({"ti": SimpleNamespace(xcom_pull=lambda task_ids: handed)})
        arn = start.execute({})

        (execution,) = sagemaker.list_pipeline_executions(PipelineName="deploy-shop")[
            "PipelineExecutionSummaries"
        ]
        found = sagemaker.list_pipeline_parameters_for_execution(PipelineExecutionArn=arn)[
            "PipelineParameters"
        ]
    assert (execution["PipelineExecutionArn"], execution["PipelineExecutionDisplayName"]) == (
        arn,
        "retrained-1",
    )
    assert {one["Name"]: one["Value"] for one in found} == handed


def test_a_retraining_that_is_due_by_time_needs_no_plan() -> None:
    settings = {"trainer": "trainers:majority", "every": "30 days"}
    plain = {"plan__actions__red__retrain": False}

    assert "retrain" in monitor(models.model(retraining=settings, **plain)).task_ids
    assert "retrain" not in monitor(models.model(**plain)).task_ids
