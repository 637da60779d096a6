"""The whole stack: Airflow's four servers run a DAG."""

import json
import os
import shutil
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import psutil
import pytest
from daywatch_demo.stack.airflow_api import AirflowApi
from daywatch_demo.stack.stack import Stack, temporary_stack
from dotenv import dotenv_values

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

AGAIN = """
from datetime import UTC, datetime
from pathlib import Path
from airflow.sdk import CronPartitionTimetable, dag, get_current_context, task
from daywatch.config.loading.load import load_model
from daywatch.orchestration.notices import late_notice

BROKEN = Path(__file__).with_name("broken")

def failing_day(dag_id):
    @dag(
        dag_id=dag_id,
        schedule=CronPartitionTimetable("0 6 * * *", timezone="UTC", run_offset=-1, key_format="%Y-%m-%d"),
        start_date=datetime(2013, 2, 1, tzinfo=UTC),
        end_date=datetime(2013, 3, 1, tzinfo=UTC),
        deadline=late_notice(load_model(Path({flights!r}))),
    )
    def build():
        @task
        def export():
            if BROKEN.exists() and get_current_context()["dag_run"].partition_key == "2013-02-08":
                raise ValueError("broken")
        @task
        def judge():
            pass
        export() >> judge()
    return build()

for name in ("again", "again_none", "again_failed", "again_completed"):
    globals()[name] = failing_day(name)
"""
"""Days with the deadline of a monitor; one of them fails while something is broken."""

ROOT = Path(__file__).parents[3]
LATENESS = ROOT / "plugins" / "daywatch_lateness.py"
FLIGHTS = ROOT / "include" / "models" / "flights.yaml"
DAY = date(2013, 2, 8)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    root = tmp_path_factory.mktemp("clone")
    for name in ("dags", "plugins", "include"):
        (root / name).mkdir()
    (root / "dags" / "day.py").write_text(DAG)
    (root / "dags" / "again.py").write_text(AGAIN.replace("{flights!r}", repr(str(FLIGHTS))))
    shutil.copy(LATENESS, root / "plugins")
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


@pytest.fixture
def broken(stack: Stack) -> Iterator[Path]:
    """A file that makes the days fail while it is there."""
    path = stack.settings.root / "dags" / "broken"
    path.touch()
    yield path
    path.unlink(missing_ok=True)


def _ended(api: AirflowApi, run: str, state: str, dag_id: str = "again") -> dict[str, str | None]:
    """Wait until a run has ended in a state, and return the states of its tasks."""
    deadline = time.monotonic() + 120
    while (found := api.get(f"dags/{dag_id}/dagRuns/{run}")["state"]) != state:
        assert time.monotonic() < deadline, f"{run} is {found}, expected {state}"
        time.sleep(0.2)
    return {one["task_id"]: one["state"] for one in api.task_instances(dag_id, run)}


def _airflow(stack: Stack, *arguments: str) -> str:
    """Run Airflow's own command as the runbook writes it, and return what it prints."""
    variables = {name: value for name, value in dotenv_values(stack.environment_file).items() if value}
    result = subprocess.run(
        [Path(sysconfig.get_path("scripts")) / "airflow", *arguments],
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_a_failed_day_can_be_run_again_in_every_way_of_the_runbook(stack: Stack, broken: Path) -> None:
    with stack.api() as api:
        api.wait_for_dag("again")
        run = api.trigger("again", partition_key=DAY.isoformat())["dag_run_id"]
        _ended(api, run, "failed")

        broken.unlink()
        # What the button "Clear Task" asks for.
        task = {"dag_run_id": run, "task_ids": ["export"], "include_downstream": True, "dry_run": False}
        api.post("dags/again/clearTaskInstances", task)
        assert _ended(api, run, "success") == {"export": "success", "judge": "success"}

        broken.touch()
        api.post(f"dags/again/dagRuns/{run}/clear", {"dry_run": False, "only_failed": False})
        _ended(api, run, "failed")

        broken.unlink()
        printed = _airflow(stack, "dags", "clear", "--partition-key", DAY.isoformat(), "--yes", "again")
        assert "across 1 Dag run(s)" in printed
        _ended(api, run, "success")

        api.patch(f"dags/again/dagRuns/{run}", {"state": "failed"})
        api.post(f"dags/again/dagRuns/{run}/clear", {"dry_run": False, "only_failed": False})
        _ended(api, run, "success")


REPEATED = {"none": [], "failed": ["2013-02-08"], "completed": ["2013-02-08", "2013-02-09"]}
"""The days that have a run already and get another one beside it, by ``--reprocess-behavior``."""


def test_a_backfill_repeats_the_days_that_its_reprocess_behavior_names(stack: Stack, broken: Path) -> None:
    with stack.api() as api:
        for behavior in REPEATED:
            api.wait_for_dag(f"again_{behavior}")
            api.backfill(f"again_{behavior}", DAY, DAY + timedelta(days=1))
        for behavior in REPEATED:
            states = {
                one["partition_key"]: one["state"] for one in api.watch_runs(f"again_{behavior}", 2, 120)
            }
            assert states == {"2013-02-08": "failed", "2013-02-09": "success"}

        broken.unlink()
        for behavior, repeated in REPEATED.items():
            dag_id = f"again_{behavior}"
            api.backfill(dag_id, DAY, DAY + timedelta(days=2), reprocess=behavior)
            runs = list(api.watch_runs(dag_id, len(api.runs(dag_id)), 120))
            again = sorted(one["partition_key"] for one in runs if one["state"] == "success")
            assert again == sorted(["2013-02-09", "2013-02-10", *repeated])


def test_a_second_up_starts_nothing(stack: Stack) -> None:
    before = [status.pid for status in stack.status()]

    assert stack.up() is False

    assert [status.pid for status in stack.status()] == before


def test_a_dead_scheduler_is_started_again(stack: Stack) -> None:
    before = {status.name: status.pid for status in stack.status()}
    scheduler = psutil.Process(before["scheduler"])
    scheduler.kill()
    scheduler.wait(10)

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
    assert '"dag_id": "day"' in _airflow(stack, "dags", "list", "--output", "json")


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
