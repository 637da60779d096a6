"""Airflow's own DAG processor, with hostile models beside a good one."""

import os
import shutil
import sqlite3
import subprocess
import sysconfig
from contextlib import closing
from pathlib import Path

from .conftest import FLIGHTS, ROOT


def _airflow(environment: dict[str, str], *arguments: str) -> None:
    program = Path(sysconfig.get_path("scripts")) / "airflow"
    done = subprocess.run(
        [program, *arguments], env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"


def test_hostile_models_cost_themselves_alone(tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    shutil.copy(FLIGHTS, models)
    (models / "brackets.yaml").write_text("[" * 100_000)
    bomb = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 13)]
    (models / "bomb.yaml").write_text("\n".join(bomb))
    text = FLIGHTS.read_text(encoding="utf-8").replace("model: flights", "model: cron")
    (models / "cron.yaml").write_text(text.replace("0 6 * * *", "99 * * * *"), encoding="utf-8")
    database = tmp_path / "airflow.db"
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "600",
        "AIRFLOW__DAG_PROCESSOR__DAG_FILE_PROCESSOR_TIMEOUT": "600",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{database}",
        "PYTHONPATH": str(ROOT / "include"),
        "DAYWATCH_MODELS": str(models),
    }

    _airflow(environment, "db", "migrate")
    _airflow(environment, "dag-processor", "--num-runs", "1")

    with closing(sqlite3.connect(database)) as connection:
        dags = connection.execute("SELECT dag_id FROM dag WHERE NOT is_stale ORDER BY dag_id").fetchall()
        errors = connection.execute("SELECT filename, stacktrace FROM import_error").fetchall()
    assert [name for (name,) in dags] == [
        "baseline__flights",
        "digest",
        "fire_drill",
        "monitor__flights",
        "publish_flights",
        "reevaluate__flights",
        "retrain__flights",
        "warehouse_upkeep",
    ]
    ((file, message),) = errors
    assert file == "configuration_errors.py"
    for expected in (
        "brackets.yaml:1: expected at most 30 lists and mappings inside each other",
        "bomb.yaml:6: expected at most 100000 values",
        "cron.yaml:",
        "schedule.cron: expected a cron expression that fires",
    ):
        assert expected in message
