"""The files for Grafana: their form, their fixed names, and every query on PostgreSQL."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml
from bad_days import AUC, DRIFT, MISSING, named, outcome, record_day
from command import run_command
from daywatch.grafana.files import DATA_SOURCE
from daywatch.grafana.panels import DASHBOARDS
from daywatch.results import State
from daywatch.warehouse.database import transaction


def _as_grafana(sql: str) -> str:
    """Fill a query in as Grafana does."""
    sql = re.sub(
        r"\$__timeFilter\((\w+)\)", r"\1 BETWEEN '2024-01-01T00:00:00Z' AND '2024-12-31T00:00:00Z'", sql
    )
    sql = re.sub(r"\$\{namespace:sqlstring\}", "'/test/shop','it''s'", sql)
    sql = re.sub(r"\$\{model:sqlstring\}", "'shop'", sql)
    assert "$" not in sql
    return sql


@pytest.mark.integration
def test_every_query_runs_on_postgresql(postgresql_warehouse: str) -> None:
    bad = (outcome(MISSING, State.RED), outcome(AUC, State.AMBER), outcome(DRIFT, State.GREY))
    with transaction(postgresql_warehouse) as connection:
        record_day(connection, "2024-03-03", model=named(grey=True))
        record_day(connection, "2024-03-04", *bad, model=named(grey=True))
    with transaction(postgresql_warehouse) as connection:
        for board in DASHBOARDS:
            for variable in board.variables:
                assert connection.execute(sa.text(variable.sql.replace(":", r"\:"))).all()
            for panel in board.panels:
                found = connection.execute(sa.text(_as_grafana(panel.sql).replace(":", r"\:")))
                if panel.is_time_series:
                    assert list(found.keys()) == ["time", "metric", "value"], panel.title
                if panel.title not in (
                    "Seconds of a day by stage",
                    "Labels arrived, by days after the window",
                ):
                    rows = found.all()
                    assert rows, panel.title
                if panel.title == "Open incidents":
                    assert [row.state for row in rows] == ["RED", "AMBER", "GREY"]


def test_the_command_writes_files_that_grafana_provisions_itself_from(tmp_path: Path) -> None:
    result = run_command(
        "grafana",
        "export",
        "--to",
        str(tmp_path),
        "--dashboards-path",
        "/boards",
        environment=dict(os.environ),
    )

    written = {str(path.relative_to(tmp_path)): path.read_text() for path in tmp_path.rglob("*.*")}
    assert sorted(written) == [
        "dashboards/daywatch-fleet.json",
        "dashboards/daywatch-model.json",
        "dashboards/daywatch-operations.json",
        "provisioning/dashboards/daywatch.yaml",
        "provisioning/datasources/daywatch.yaml",
    ]
    assert len(result.stdout.splitlines()) == 5
    (source,) = yaml.safe_load(written["provisioning/datasources/daywatch.yaml"])["datasources"]
    assert source["uid"] == DATA_SOURCE
    assert source["secureJsonData"] == {"password": "$DAYWATCH_WAREHOUSE_PASSWORD"}
    (provider,) = yaml.safe_load(written["provisioning/dashboards/daywatch.yaml"])["providers"]
    assert provider["options"] == {"path": "/boards"}
    for name, text in written.items():
        if name.endswith(".json"):
            board = json.loads(text)
            assert name == f"dashboards/{board['uid']}.json"
            ids = [panel["id"] for panel in board["panels"]]
            assert len(ids) == len(set(ids))
            places = [panel["gridPos"] for panel in board["panels"]]
            assert all(place["x"] + place["w"] <= 24 for place in places)
            assert {panel["datasource"]["uid"] for panel in board["panels"]} == {DATA_SOURCE}
