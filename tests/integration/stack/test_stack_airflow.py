"""The whole stack: Airflow's four servers run a DAG."""

import json
import os
import subprocess
import sysconfig
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psutil
import pytest
from daywatch_demo.stack.stack import Stack, temporary_stack

DAG = """
from datetime import UTC, datetime
from airflow.sdk import CronPartitionTimetable, dag, task

# It has ended: the scheduler starts no run of its own beside the backfill.
@dag(
    schedule=CronPartitionTimetable("0 6 * * *", timezone="UTC", run_offset=-1, key_format="%Y-%m-%d"),
    start_date=datetime(2013, 2, 1, tzinfo=UTC),
    end_date=datetime(2013, 3, 1, tzinfo=UTC),
)
def day():
    @task
    def look():
        import json, os
        from airflow.sdk import BaseHook
        names = ("daywatch_s3", "daywatch_warehouse", "daywatch_smtp")
        print("SEEN", json.dumps([BaseHook.get_connection(name).conn_type for name in names]))
        print("BYTECODE", os.environ.get("PYTHONDONTWRITEBYTECODE"))
    look()

day()
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    root = tmp_path_factory.mktemp("clone")
    for name in ("dags", "plugins", "include"):
        (root / name).mkdir()
    (root / "dags" / "day.py").write_text(DAG)
    with temporary_stack(root, root / ".daywatch") as stack:
        stack.up()
        yield stack


def test_every_server_serves(stack: Stack) -> None:
    statuses = stack.status()

    assert [status.problem for status in statuses] == [None] * 7
    assert sum(status.memory for status in statuses) < 1.5e9


def test_a_backfill_runs_through_the_scheduler_with_our_connections(stack: Stack) -> None:
    with stack.api() as api:
        api.wait_for_dag("day")
        api.backfill("day", date(2013, 2, 8), date(2013, 2, 9))
        runs = list(api.watch_runs("day", count=2, seconds=120))
        (task,) = api.task_instances("day", runs[0]["dag_run_id"])

    assert sorted((run["partition_key"], run["state"]) for run in runs) == [
        ("2013-02-08", "success"),
        ("2013-02-09", "success"),
    ]
    assert task["state"] == "success"
    logs = "".join(path.read_text() for path in stack.state.glob("airflow/logs/dag_id=day/**/*.log"))
    assert json.dumps('SEEN ["aws", "postgres", "smtp"]')[1:-1] in logs
    assert "BYTECODE None" in logs


def test_a_second_up_starts_nothing(stack: Stack) -> None:
    before = [status.pid for status in stack.status()]

    assert stack.up() is False

    assert [status.pid for status in stack.status()] == before


def test_a_dead_scheduler_is_started_again(stack: Stack) -> None:
    before = {status.name: status.pid for status in stack.status()}
    psutil.Process(before["scheduler"]).kill()

    assert stack.up() is True

    after = {status.name: status.pid for status in stack.status()}
    assert {name for name in before if before[name] != after[name]} == {"scheduler"}


def test_no_secret_is_in_a_log_or_in_the_process_list(stack: Stack) -> None:
    credentials = stack.settings.credentials
    secrets = [value for name, value in vars(credentials).items() if name != "s3_key"]
    texts = [path.read_text(errors="replace") for path in stack.state.glob("**/*.log")]
    texts += [" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])]

    assert [text for text in texts for secret in secrets if secret in text] == []


def test_the_written_environment_is_enough_for_airflows_own_command(stack: Stack) -> None:
    from dotenv import dotenv_values

    variables = {name: value for name, value in dotenv_values(stack.environment_file).items() if value}
    airflow = Path(sysconfig.get_path("scripts")) / "airflow"

    result = subprocess.run(
        [airflow, "dags", "list", "--output", "json"],
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **variables},
        capture_output=True,
        text=True,
        check=True,
    )

    assert '"dag_id": "day"' in result.stdout


def test_down_leaves_no_process(stack: Stack) -> None:
    statuses = stack.status()
    family = [
        member
        for status in statuses
        for member in [psutil.Process(status.pid), *psutil.Process(status.pid).children(recursive=True)]
    ]
    assert len(family) > len(statuses)

    stack.down()

    # What has ended stays in the list of processes until init asks for it.
    left = [member for member in family if member.is_running() and member.status() != psutil.STATUS_ZOMBIE]
    assert left == []
