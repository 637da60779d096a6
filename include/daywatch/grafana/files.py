"""The files from which Grafana provisions itself: a data source, a provider of dashboards, three dashboards.

The forms: https://grafana.com/docs/grafana/latest/administration/provisioning/ and
https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/.
"""

from __future__ import annotations

import json
from typing import Any

import yaml

from daywatch.grafana.panels import DASHBOARDS, Dashboard, Panel, Variable

DATA_SOURCE = "daywatch-warehouse"
"""The uid of the data source."""

_HEIGHT = 9
_WHOLE_WIDTH = 24
_SCHEMA = 39
_STATES = ((0, "GREEN", "green"), (1, "GREY", "gray"), (2, "AMBER", "orange"), (3, "RED", "red"))


def grafana_files(folder: str) -> dict[str, str]:
    """Return the content of each file by its path.

    The login of the data source comes from the environment of Grafana, so that no file has a password.

    Args:
        folder: The folder in which Grafana sees the dashboards.
    """
    return {
        "provisioning/datasources/daywatch.yaml": _yaml(_data_source()),
        "provisioning/dashboards/daywatch.yaml": _yaml(_provider(folder)),
        **{f"dashboards/{one.uid}.json": _json(dashboard_model(one)) for one in DASHBOARDS},
    }


def dashboard_model(dashboard: Dashboard) -> dict[str, Any]:
    """Return a dashboard in Grafana's JSON model.

    Args:
        dashboard: The dashboard.
    """
    return {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "tags": ["daywatch"],
        "schemaVersion": _SCHEMA,
        "version": 1,
        "editable": False,
        "timezone": "utc",
        "time": {"from": "now-90d", "to": "now"},
        "refresh": "",
        "templating": {"list": [_variable(one) for one in dashboard.variables]},
        "annotations": {"list": []},
        "links": [
            {
                "type": "dashboards",
                "tags": ["daywatch"],
                "title": "Daywatch",
                "icon": "external link",
                "tooltip": "",
                "asDropdown": True,
                "includeVars": False,
                "keepTime": True,
                "targetBlank": False,
            }
        ],
        "panels": _panels(dashboard.panels),
    }


def _panels(panels: tuple[Panel, ...]) -> list[dict[str, Any]]:
    placed, x, y = [], 0, 0
    for number, panel in enumerate(panels, start=1):
        if x + panel.width > _WHOLE_WIDTH:
            x, y = 0, y + _HEIGHT
        place = {"x": x, "y": y, "w": panel.width, "h": _HEIGHT}
        placed.append(_panel(number, panel, place))
        x += panel.width
    return placed


def _panel(number: int, panel: Panel, place: dict[str, int]) -> dict[str, Any]:
    source = {"type": "grafana-postgresql-datasource", "uid": DATA_SOURCE}
    defaults: dict[str, Any] = {"unit": panel.unit}
    if panel.states:
        options = {str(rank): {"text": name, "color": colour} for rank, name, colour in _STATES}
        defaults["mappings"] = [{"type": "value", "options": options}]
    target = {
        "refId": "A",
        "datasource": source,
        "format": "time_series" if panel.is_time_series else "table",
        "editorMode": "code",
        "rawQuery": True,
        "rawSql": panel.sql,
    }
    return {
        "id": number,
        "title": panel.title,
        "type": panel.kind,
        "datasource": source,
        "gridPos": place,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": {"reduceOptions": {"values": True}} if panel.kind == "stat" else {},
        "targets": [target],
    }


def _variable(variable: Variable) -> dict[str, Any]:
    return {
        "type": "query",
        "name": variable.name,
        "label": variable.name,
        "datasource": {"type": "grafana-postgresql-datasource", "uid": DATA_SOURCE},
        "query": variable.sql,
        "refresh": 2,
        "multi": variable.many,
        "includeAll": variable.many,
        # Without a key for the choice Grafana takes the first option; an empty one is against its schema.
        **({"current": {"text": ["All"], "value": ["$__all"]}} if variable.many else {}),
    }


def _data_source() -> dict[str, Any]:
    return {
        "apiVersion": 1,
        "datasources": [
            {
                "name": "Daywatch",
                "uid": DATA_SOURCE,
                "type": "grafana-postgresql-datasource",
                "access": "proxy",
                "url": "$DAYWATCH_WAREHOUSE_HOST",
                "user": "$DAYWATCH_WAREHOUSE_READER",
                "jsonData": {
                    "database": "$DAYWATCH_WAREHOUSE_DATABASE",
                    "sslmode": "$DAYWATCH_WAREHOUSE_SSLMODE",
                },
                "secureJsonData": {"password": "$DAYWATCH_WAREHOUSE_PASSWORD"},
                "editable": False,
            }
        ],
    }


def _provider(folder: str) -> dict[str, Any]:
    provider = {
        "name": "daywatch",
        "folder": "Daywatch",
        "type": "file",
        "allowUiUpdates": False,
        "options": {"path": folder},
    }
    return {"apiVersion": 1, "providers": [provider]}


def _yaml(content: dict[str, Any]) -> str:
    return yaml.safe_dump(content, sort_keys=False)


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2) + "\n"
