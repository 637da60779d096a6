"""Airflow's scheduler, its workers and single tasks are killed in the middle of a day, which Airflow then ends."""

from __future__ import annotations

import re
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import psutil
import pytest
from daywatch_demo.stack.airflow_api import AirflowApi
from daywatch_demo.stack.stack import temporary_stack
from killed import end
from models import NAME, write_model
from places import DAY
from red_day import STAGES, WINDOW

from .conftest import ROW
from .site import Outcome, Site, proxied_site

ROOT = Path(__file__).parents[2]
MONITOR, RETRAIN = f"monitor__{NAME}", f"retrain__{NAME}"

IN_TITLE = {
    "worker": re.compile("airflow worker -- LocalExecutor: [^<]"),
    "task": re.compile("airflow worker -- [0-9a-f]{8}-"),
}
"""How the processes call themselves that are at work."""

SETTINGS = """
[scheduler]
task_instance_heartbeat_timeout = 20
task_instance_heartbeat_timeout_detection_interval = 5
orphaned_tasks_check_interval = 5
"""
"""A killed task is noticed after 20 seconds instead of 5 minutes, a killed scheduler's after 35 seconds instead of 5.5
minutes: 30 seconds without a sign of life make it one."""


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with Airflow; its tasks lead past the proxies."""
    clone = tmp_path_factory.mktemp("clone")
    shutil.copytree(ROOT / "dags", clone / "dags")
    shutil.copytree(ROOT / "plugins", clone / "plugins")
    write_model(clone / "include" / "models", schedule={"first_window": DAY, "last_window": DAY})
    shutil.copy(ROOT / "tests" / "support" / "trainers.py", clone / "include")
    home = clone / ".daywatch" / "airflow"
    home.mkdir(parents=True)
    (home / "airflow.cfg").write_text(SETTINGS)
    with pytest.MonkeyPatch.context() as patched, temporary_stack(clone, clone / ".daywatch") as stack:
        patched.setenv("DAYWATCH_MODELS", str(clone / "include" / "models"))
        patched.setenv("DAYWATCH_SUITES", str(clone / "include" / "suites"))
        stack.up(airflow=False)
        with proxied_site(stack, tmp_path_factory.mktemp("chaos")) as site:
            stack.up()
            yield site


@pytest.fixture(scope="module")
def expected(airflow: Site) -> Outcome:
    """The same day on the same servers without Airflow."""
    airflow.put_back()
    assert airflow.run_until_done(*STAGES) == []
    return airflow.outcome()


def forget(api: AirflowApi, dag_id: str) -> None:
    """Delete all runs of a DAG: Airflow triggers a training once, whatever the warehouse has forgotten."""
    for run in api.runs(dag_id):
        api._client.delete(f"/api/v2/dags/{dag_id}/dagRuns/{run['dag_run_id']}").raise_for_status()


def scheduler_of(site: Site) -> psutil.Process:
    """Return the scheduler's process."""
    (pid,) = [status.pid for status in site.stack.status() if status.name == "scheduler"]
    return psutil.Process(pid)


def titles_of(scheduler: psutil.Process) -> dict[psutil.Process, str]:
    """Return how the processes call themselves that the scheduler has started."""
    titles = {}
    for one in scheduler.children(recursive=True):
        with suppress(psutil.Error):
            if one.status() != psutil.STATUS_ZOMBIE:
                titles[one] = " ".join(one.cmdline())
    return titles


def kill(site: Site, what: str) -> None:
    """Kill -9 the scheduler with all that it has started, one of its workers with its task, or a task alone."""
    scheduler = scheduler_of(site)
    titles = titles_of(scheduler)
    chosen = [one for one, title in titles.items() if what == "scheduler" or IN_TITLE[what].search(title)]
    if what == "worker":
        chosen += [child for one in chosen for child in one.children(recursive=True)]
    assert chosen, titles
    for one in chosen:
        if one.is_running():
            one.kill()
    if what == "scheduler":
        end(scheduler)


def running(api: AirflowApi, stage: str) -> None:
    """Wait until a stage of the newest run is at work."""
    deadline = time.monotonic() + 180
    while True:
        runs = [run["dag_run_id"] for run in api.runs(MONITOR)]
        tasks: list[dict[str, Any]] = api.task_instances(MONITOR, runs[-1]) if runs else []
        if any(task["task_id"] == stage and task["state"] == "running" for task in tasks):
            return
        assert time.monotonic() < deadline, tasks
        time.sleep(0.2)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("what", "stage"), [("scheduler", "measure"), ("task", "export"), ("worker", "report")]
)
def test_killed_in_airflow(
    airflow: Site, expected: Outcome, what: str, stage: str, record_property: Callable[[str, Any], None]
) -> None:
    airflow.put_back()
    with airflow.stack.api() as api:
        api.wait_for_dag(MONITOR)
        forget(api, MONITOR)
        forget(api, RETRAIN)
        api.backfill(MONITOR, WINDOW.first, WINDOW.first)
        running(api, stage)
        kill(airflow, what)
        airflow.stack.up()
        states = [run["state"] for run in api.watch_runs(MONITOR, 1, 400)]
        trained = [run["state"] for run in api.watch_runs(RETRAIN, 1, 200)]

    found = airflow.outcome()
    assert set(states) == {"success"}
    assert trained == ["success"]
    assert found.differences(expected) == []
    # Of the training, which only Airflow runs, comes the mail that compares its version.
    compared = [mail for mail in found.mails if ".kept." in mail]
    assert ([mail for mail in found.mails if mail not in compared], len(compared)) == ([*expected.mails], 1)
    record_property(
        ROW, (f"Airflow: the {what} is killed -9 during {stage}", "tried again by Airflow, then whole")
    )


KILLS = 50
TRIGGER = "retrain"
"""The task that starts the training."""

LONGEST = 3.0
"""Seconds within which a started trigger is killed."""


def trigger_again(api: AirflowApi, run: str) -> None:
    """Clear the trigger of a run, so that it runs again."""
    cleared = {"dry_run": False, "only_failed": False, "task_ids": [TRIGGER], "dag_run_id": run}
    api.post(f"dags/{MONITOR}/clearTaskInstances", cleared)


def ended(api: AirflowApi, run: str, states: tuple[str, ...]) -> str:
    """Wait until the trigger is in one of some states, and return it."""
    deadline = time.monotonic() + 120
    while True:
        (state,) = [one["state"] for one in api.task_instances(MONITOR, run) if one["task_id"] == TRIGGER]
        if state in states:
            return str(state)
        assert time.monotonic() < deadline, state
        time.sleep(0.3)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_fifty_kills_of_the_trigger(airflow: Site, record_property: Callable[[str, Any], None]) -> None:
    """Each time the task that starts the training is killed with -9, and tried again: the training runs once."""
    airflow.put_back()
    random, killed = Random(1), Counter[int]()  # noqa: S311 - not for secrets: when to kill
    with airflow.stack.api() as api:
        api.wait_for_dag(MONITOR)
        forget(api, MONITOR)
        forget(api, RETRAIN)
        api.backfill(MONITOR, WINDOW.first, WINDOW.first)
        (run,) = [run["dag_run_id"] for run in api.watch_runs(MONITOR, 1, 400)]
        assert [one["state"] for one in api.watch_runs(RETRAIN, 1, 200)] == ["success"]
        forget(api, RETRAIN)
        scheduler = scheduler_of(airflow)
        for _ in range(KILLS):
            trigger_again(api, run)
            found: list[psutil.Process] = []
            deadline = time.monotonic() + 120
            while not found:
                found = [one for one, title in titles_of(scheduler).items() if IN_TITLE["task"].search(title)]
                assert time.monotonic() < deadline, "the trigger never began"
                time.sleep(0.02)
            time.sleep(random.random() * LONGEST)
            alive = [one for one in found if one.is_running()]
            for one in alive:
                with suppress(psutil.Error):
                    one.kill()
            ended(api, run, ("up_for_retry", "failed", "success", "skipped"))
            killed[len(api.runs(RETRAIN))] += bool(alive)
        trigger_again(api, run)
        state = ended(api, run, ("success", "skipped"))
        trained = [one["state"] for one in api.watch_runs(RETRAIN, 1, 200)]

    assert trained == ["success"]
    assert state == "skipped"
    assert set(killed) <= {0, 1}
    assert len(airflow.outcome().trained) == 1
    outcome = f"one training; {killed[0]} of {KILLS} were killed before it was started, {killed[1]} after"
    record_property(ROW, (f"Airflow: the trigger of the training is killed -9 at {KILLS} times", outcome))
