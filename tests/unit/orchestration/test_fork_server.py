"""What the fork server has loaded, looked at from a process that it forked."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from daywatch.preload import LIBRARIES
from daywatch_demo.stack.credentials import Credentials
from daywatch_demo.stack.environment import airflow_environment
from daywatch_demo.stack.settings import Settings

ROOT = Path(__file__).parents[3]
SETTINGS = {
    "AIRFLOW__CORE__MP_FORKSERVER_PRELOAD": "daywatch.orchestration.fork_server",
    "AIRFLOW__SCHEDULER__MP_START_METHOD": "forkserver",
}
FORKED = """
import gc, json, multiprocessing, os, sys


def tell(queue):
    modules, frozen = sorted(sys.modules), gc.get_freeze_count()
    from daywatch.orchestration.fork_server import AIRFLOW

    telemetry = os.environ["GX_ANALYTICS_ENABLED"]
    queue.put({"modules": modules, "frozen": frozen, "telemetry": telemetry, "airflow": AIRFLOW})


if __name__ == "__main__":
    from airflow.utils.process_utils import set_component_mp_start_method

    set_component_mp_start_method("scheduler")
    queue = multiprocessing.Queue()
    multiprocessing.Process(target=tell, args=(queue,)).start()
    print(json.dumps(queue.get(timeout=120)))
"""


@pytest.fixture(scope="module")
def forked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a process told that Airflow's own function let be forked."""
    folder = tmp_path_factory.mktemp("forked")
    script = folder / "forked.py"
    script.write_text(FORKED, encoding="utf-8")
    environment = {**os.environ, **SETTINGS, "AIRFLOW_HOME": str(folder), "PYTHONPATH": str(ROOT / "include")}
    environment.pop("GX_ANALYTICS_ENABLED", None)
    done = subprocess.run(
        [sys.executable, str(script)], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_a_forked_process_has_all_libraries(forked: dict[str, Any]) -> None:
    assert {*LIBRARIES, *forked["airflow"]} - {*forked["modules"]} == set()


def test_telemetry_is_off_when_great_expectations_is_imported(forked: dict[str, Any]) -> None:
    assert forked["telemetry"] == "false"


def test_the_collector_leaves_the_libraries_alone(forked: dict[str, Any]) -> None:
    assert forked["frozen"] > 100_000


def test_daywatchs_own_code_is_loaded_by_each_task_anew(forked: dict[str, Any]) -> None:
    ours = {name for name in forked["modules"] if name.split(".")[0] == "daywatch"}
    assert ours == {
        "daywatch",
        "daywatch.preload",
        "daywatch.orchestration",
        "daywatch.orchestration.fork_server",
    }


def test_the_local_stack_and_docker_compose_fork_so() -> None:
    stack = airflow_environment(
        Settings(Path("/c"), Path("/s"), {"airflow": 1, "postgres": 2}, Credentials())
    )
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    composed = compose["services"]["scheduler"]["environment"]
    for name, value in SETTINGS.items():
        assert (stack[name], composed[name]) == (value, value)
