"""Where and in which order the tasks of a model run."""

from __future__ import annotations

from pathlib import Path

import models
import pytest
from airflow.sdk import DAG
from daywatch.config.model.schedule import Resources
from daywatch.errors import ConfigurationError
from daywatch.orchestration.dags.monitor import monitor
from daywatch.orchestration.execution import check_executor, quantities

PLAIN = {"retraining": None, "plan__actions__red__retrain": False}


def _weights(dag: DAG) -> dict[str, int]:
    """Return the weights that Airflow's own strategy gives the tasks, as the scheduler orders them."""
    from airflow.serialization.serialized_objects import DagSerialization
    from airflow.task.priority_strategy import _UpstreamPriorityWeightStrategy

    stored = DagSerialization.from_dict(DagSerialization.to_dict(dag))
    strategy = _UpstreamPriorityWeightStrategy()
    for task in stored.tasks:
        assert type(task.weight_rule) is type(strategy)

    def weight(task_id: str) -> int:
        task = stored.get_task(task_id)
        above = task.get_flat_relative_ids(upstream=True)
        return int(task.priority_weight + sum(stored.get_task(one).priority_weight for one in above))

    return {task.task_id: weight(task.task_id) for task in stored.tasks}


def test_a_day_that_has_begun_goes_before_the_next_export() -> None:
    weights = _weights(monitor(models.model(**PLAIN)))
    stages = ["export", "measure", "judge", "record", "report", "notify"]
    assert [weights[one] for one in stages] == sorted({weights[one] for one in stages})


def test_the_first_task_of_a_tier_goes_before_the_last_of_the_next() -> None:
    for tier in (1, 2, 3):
        higher = _weights(monitor(models.model(tier=tier)))
        lower = _weights(monitor(models.model(tier=tier + 1)))
        assert min(higher.values()) > max(lower.values())


def test_the_schedule_names_executor_queue_and_pool_of_every_task() -> None:
    chosen = {"schedule__executor": "LocalExecutor", "schedule__queue": "ml", "schedule__pool": "models"}
    for task in monitor(models.model(**chosen)).tasks:
        assert (task.executor, task.queue, task.pool) == ("LocalExecutor", "ml", "models")


def test_a_day_of_one_task_has_no_other() -> None:
    assert [task.task_id for task in monitor(models.model(**PLAIN, schedule__tasks="one")).tasks] == ["day"]


def test_a_day_of_one_task_still_retrains() -> None:
    dag = monitor(models.model(schedule__tasks="one"))
    assert {task.task_id: task.downstream_task_ids for task in dag.tasks} == {
        "day": {"decide_retraining"},
        "decide_retraining": {"retrain"},
        "retrain": set(),
    }


@pytest.mark.parametrize("name", [None, "LocalExecutor", "airflow.executors.local_executor.LocalExecutor"])
def test_an_executor_that_airflow_has(name: str | None, tmp_path: Path) -> None:
    check_executor(models.model(schedule__executor=name), tmp_path / "shop.yaml")


def test_an_executor_that_airflow_does_not_have_is_an_error_with_its_line(tmp_path: Path) -> None:
    path = models.write_model(tmp_path, schedule__executor="LocalExecutr")
    with pytest.raises(ConfigurationError) as caught:
        check_executor(models.model(schedule__executor="LocalExecutr"), path)
    (problem,) = caught.value.problems
    assert (problem.where, problem.line > 1) == ("schedule.executor", True)
    assert problem.message == (
        "this Airflow has no executor 'LocalExecutr', did you mean 'LocalExecutor'?; "
        "[core] executor names LocalExecutor"
    )


def test_resources_in_the_words_of_kubernetes() -> None:
    assert quantities(Resources(cpu=1.5, memory="2Gi", scratch="512Mi")) == {
        "cpu": "1500m",
        "memory": "2Gi",
        "ephemeral-storage": "512Mi",
    }
    assert quantities(Resources(memory="2Gi")) == {"memory": "2Gi"}
