"""A real stack with the plugin, two judged models, and a DAG each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from daywatch.config.deployment.connections import connections_from_environment
from daywatch.config.deployment.deployment import Deployment, deployment_from
from daywatch.results import State
from daywatch.warehouse.migrate import upgrade
from daywatch_demo.stack.stack import Stack, temporary_stack
from judgements import Judged, store

ROOT = Path(__file__).parents[3]

DAGS = """
from airflow.sdk import CronPartitionTimetable, dag, task

for name in ("monitor__flights", "monitor__secret", "retrain__flights", "foreign"):
    @dag(
        dag_id=name,
        schedule=CronPartitionTimetable("0 6 * * *", timezone="UTC", run_offset=-1, key_format="%Y-%m-%d"),
    )
    def day():
        @task
        def judge():
            pass
        judge()

    day()
"""

RED = Judged("2013-02-09", State.RED, short="ROC AUC 0.635 (red <= 0.7)")
SECRET = Judged("2013-02-09", State.GREEN, model="secret")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    root = tmp_path_factory.mktemp("clone")
    (root / "dags").mkdir()
    (root / "dags" / "days.py").write_text(DAGS)
    for name in ("plugins", "include"):
        (root / name).symlink_to(ROOT / name)
    with temporary_stack(root, root / ".daywatch") as stack:
        stack.up()
        stored = deployment_of(stack)
        upgrade(stored.warehouse_url)
        store(stored, RED, SECRET)
        yield stack


def deployment_of(stack: Stack) -> Deployment:
    return deployment_from(stack.environment, connections_from_environment(stack.environment))
