"""The schema's way up and down, on both databases."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from daywatch.config.metric_definition import MetricKind
from daywatch.config.metrics import METRICS
from daywatch.errors import InfrastructureError, SetupError
from daywatch.warehouse import result_tables, tables
from daywatch.warehouse.database import SCHEMA_VERSION, connect, transaction
from daywatch.warehouse.incident_tables import metadata
from daywatch.warehouse.migrate import analyze, downgrade, upgrade

VIEWS = [
    "current_cause",
    "current_verdict",
    "current_window",
    "drift_by_day",
    "incident_over_models",
    "incident_timeline",
    "label_curve",
    "namespace_verdict",
    "open_incident",
    "performance_by_day",
]


def migrations() -> Path:
    import daywatch.warehouse

    return Path(daywatch.warehouse.__file__).parent / "migrations"


def names(url: str) -> tuple[list[str], list[str]]:
    engine = connect(url)
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        found = sorted(inspector.get_table_names()), sorted(inspector.get_view_names())
    engine.dispose()
    return found


def test_up_down_and_up_again(empty: str) -> None:
    upgrade(empty)
    first = names(empty)
    upgrade(empty)
    again = names(empty)
    downgrade(empty, "base")
    down = names(empty)
    upgrade(empty)

    assert first == again == names(empty)
    assert first == (sorted([*metadata.tables, "alembic_version"]), VIEWS)
    assert down == (["alembic_version"], [])


def test_the_tables_are_what_the_migrations_make(url: str) -> None:
    from alembic.autogenerate import compare_metadata

    engine = connect(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        differences = compare_metadata(context, metadata)
    engine.dispose()

    assert differences == []


def test_the_version_that_is_checked_is_the_newest() -> None:
    """And no two migrations have one number, as two branches may take it."""
    script = ScriptDirectory(str(migrations()))

    files = [path.name[:4] for path in (migrations() / "versions").glob("[0-9]*.py")]
    assert sorted(one.revision for one in script.walk_revisions()) == sorted(files)
    assert script.get_heads() == [SCHEMA_VERSION]


def test_every_version_can_be_gone_back_from(empty: str) -> None:
    upgrade(empty)
    for script in ScriptDirectory(str(migrations())).walk_revisions():
        downgrade(empty, script.down_revision or "base")
        upgrade(empty, script.revision)
        downgrade(empty, script.down_revision or "base")

    assert names(empty) == (["alembic_version"], [])


def test_a_retrained_version_keeps_its_address_through_every_version(empty: str) -> None:
    upgrade(empty, "0001")
    engine = connect(empty)
    row = {
        "model": "shop",
        "version": "retrained-2024-03-03",
        "description": "it's trained",
        "artifact_uri": "s3://artifacts/model.json",
        "rows": 7,
        "metrics": '{"roc_auc": 0.9}',
        "by": "run",
        "at": "2024-03-03 00:00:00+00:00",
    }
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO model_version (model, version, description, artifact_uri, trained_from, trained_until,"
                " rows, metrics, created_at, created_by)"
                " VALUES (:model, :version, :description, :artifact_uri, :at, :at, :rows, :metrics, :at, :by)"
            ),
            row,
        )
    upgrade(empty)
    with engine.begin() as connection:
        ((found),) = connection.execute(sa.select(tables.model_version)).mappings().all()
        unknown = {"trained_from": None, "trained_until": None, "rows": None, "metrics": None}
        connection.execute(sa.insert(tables.model_version).values({**found, **unknown, "version": "by hand"}))
    downgrade(empty, "0001")
    with engine.begin() as connection:
        back = connection.execute(sa.text("SELECT version, artifact_uri, rows FROM model_version")).all()
    engine.dispose()

    assert found["artifacts"] == {"model": "s3://artifacts/model.json"}
    assert (found["rows"], found["metrics"]) == (7, {"roc_auc": 0.9})
    assert back == [("retrained-2024-03-03", "s3://artifacts/model.json", 7)]


def test_metrics_are_kept_and_those_of_one_class_go_with_the_version(empty: str) -> None:
    upgrade(empty, "0003")
    engine = connect(empty)
    key = {
        "model": "shop",
        "window_start": "2024-03-03 00:00:00+00:00",
        "window_end": "2024-03-04 00:00:00+00:00",
        "revision": "r1",
        "slice": "",
        "column_name": "",
        "metric": "recall",
    }
    columns = ", ".join(key)
    with engine.begin() as connection:
        values = ", ".join(f":{name}" for name in key)
        connection.execute(
            sa.text(
                f"INSERT INTO metric_value ({columns}, value, method, status, note)"
                f" VALUES ({values}, 0.5, '', 'measured', '')"
            ),
            key,
        )
    upgrade(empty)
    with engine.begin() as connection:
        (found,) = connection.execute(sa.select(result_tables.metric_value)).mappings().all()
        connection.execute(
            sa.insert(result_tables.metric_value).values({**found, "class_name": "1", "rows": 7})
        )
        with pytest.raises(sa.exc.IntegrityError), connection.begin_nested():
            connection.execute(sa.insert(result_tables.metric_value).values({**found, "class_name": "1"}))
    downgrade(empty, "0003")
    with engine.begin() as connection:
        back = connection.execute(sa.text("SELECT metric, value FROM metric_value")).all()
        views = sa.inspect(connection).get_view_names()
    engine.dispose()

    assert (found["class_name"], found["value"], found["low"], found["rows"]) == ("", 0.5, None, None)
    assert back == [("recall", 0.5)]
    assert {"drift_by_day", "performance_by_day"} <= set(views)


def test_the_view_shows_all_performance_metrics(empty: str) -> None:
    upgrade(empty)
    engine = connect(empty)
    with engine.connect() as connection:
        definition = sa.inspect(connection).get_view_definition("performance_by_day")
    engine.dispose()
    performance = [name for name, one in METRICS.items() if one.kind is MetricKind.PERFORMANCE]
    assert [name for name in performance if f"'{name}'" not in str(definition)] == []


def test_transactions_work_after_an_upgrade(url: str) -> None:
    analyze(url)
    with transaction(url) as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM current_verdict")).scalar() == 0


def test_the_configuration_names_no_file() -> None:
    from daywatch.warehouse.migrate import alembic_config as configuration

    assert configuration("sqlite://").config_file_name is None


@pytest.mark.parametrize("action", [upgrade, analyze, lambda url: downgrade(url, "base")])
def test_a_database_that_is_away(action: Any, unused_port: int) -> None:
    url = f"postgresql+psycopg://me:planted@127.0.0.1:{unused_port}/watch"

    with pytest.raises(
        InfrastructureError, match=r"The warehouse postgresql.*\*\*\*@127.* did not answer"
    ) as error:
        action(url)
    assert "planted" not in str(error.value)


def test_windows_stored_before_get_their_unanswered_requests(empty: str) -> None:
    upgrade(empty, "0003")
    engine = connect(empty)
    row = {
        "model": "shop",
        "start": "2024-03-03 00:00:00+00:00",
        "end": "2024-03-04 00:00:00+00:00",
        "text": "",
        "reasons": "{}",
    }
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO window_run (model, window_start, window_end, revision, sequence, baseline_id, artifacts,"
                " source, objects, bytes, records, exported, quarantined, duplicates, rows, quarantine_reasons)"
                " VALUES (:model, :start, :end, 'r', 1, 'b', :text, :text, 1, 1, 15, 10, 1, 1, 10, :reasons)"
            ),
            row,
        )
    upgrade(empty)
    with engine.begin() as connection:
        found = connection.execute(
            sa.text("SELECT records, unanswered, evidence_listing FROM current_window")
        )
        rows = found.all()
    downgrade(empty, "0003")
    with engine.begin() as connection:
        back = connection.execute(sa.text("SELECT records FROM current_window")).all()
    engine.dispose()

    assert rows == [(15, 3, None)]
    assert back == [(15,)]


UPGRADE = """
import sys
from daywatch.warehouse.migrate import upgrade
import alembic.command
print("ready", flush=True)
sys.stdin.readline()
upgrade(sys.argv[1])
"""


def test_three_first_upgrades_at_once(empty: str) -> None:
    """One upgrades, the others wait and find nothing to do."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", UPGRADE, empty]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    racers = [subprocess.Popen(command, text=True, env=environment, **pipes) for _ in range(3)]  # type: ignore[call-overload]
    try:
        for racer in racers:
            assert racer.stdout.readline() == "ready\n"
        for racer in racers:
            racer.stdin.write("go\n")
            racer.stdin.flush()
        ended = [(racer.communicate(timeout=120)[1][-500:], racer.returncode) for racer in racers]
    finally:
        for racer in racers:
            racer.kill()

    assert [code for _, code in ended] == [0, 0, 0], ended
    assert names(empty) == (sorted([*metadata.tables, "alembic_version"]), VIEWS)


def test_a_schema_of_a_newer_daywatch_is_not_changed(url: str) -> None:
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(SetupError, match="cannot be changed: .*9999.* a newer schema needs the Daywatch"):
        upgrade(url)
