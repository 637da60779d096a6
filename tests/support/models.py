"""A small model for the tests: its YAML, and a place on local folders and SQLite where it is monitored.

Four features, one of each kind that a capture holds, and a plan with a rule on performance and one on intake.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml
from daywatch.config.deployment.deployment import Deployment
from daywatch.config.model.model import MonitoredModel

NAME = "shop"

_ACTION = {"do": "Look at it.", "who": "the team", "within_hours": 24}

YAML: dict[str, Any] = {
    "model": NAME,
    "namespace": "/test/shop",
    "description": "Will a basket be bought?",
    "owner": "shop-team",
    "contacts": ["team@example.com"],
    "features": [
        {"name": "amount", "type": "number"},
        {"name": "items", "type": "integer"},
        {"name": "member", "type": "boolean"},
        {"name": "country", "type": "category"},
    ],
    "output": {"task": "binary_classification", "response": ["prediction", "probability"]},
    "capture": {"endpoint": "shop-endpoint"},
    "labels": {"prefix": "shop-truth", "delay_days": 1},
    "baseline": {"first": "2024-03-01", "last": "2024-03-02"},
    "drift": {"numeric": {"method": "ks"}, "categorical": {"method": "psi"}, "drawing_rows": 100},
    "plan": {
        "minimum": {"rows": 20, "labels": 10},
        "rules": [
            {"metric": "roc_auc", "green": ">= 0.8", "red": "<= 0.7"},
            {"metric": "quarantined_share", "amber": "> 1 %", "red": "> 20 %"},
        ],
        "actions": {"amber": _ACTION, "red": {**_ACTION, "retrain": True}, "grey": _ACTION},
    },
    "schedule": {"first_window": "2024-03-03"},
    "retraining": {
        "trainer": "trainers:majority",
        "minimum_labels": 50,
        "cooldown_days": 0,
        "held_back_windows": 1,
        "promotion": {"minimum_rows": 20},
        "horizon_days": 36500,  # the days are always old by the clock
    },
}
"""What stands in the model's file."""


def content(**changes: Any) -> dict[str, Any]:
    """Return the model's YAML as data; a key such as ``plan__rules`` replaces one below another."""
    data = copy.deepcopy(YAML)
    for path, value in changes.items():
        *parents, last = path.split("__")
        inner = data
        for key in parents:
            inner = inner[key]
        if value is None:
            inner.pop(last, None)
        else:
            inner[last] = value
    return data


def model(**changes: Any) -> MonitoredModel:
    """Return the model's configuration."""
    return MonitoredModel.model_validate(content(**changes))


def write_model(folder: Path, **changes: Any) -> Path:
    """Write the model's YAML into a folder and return its path."""
    data = content(**changes)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{data['model']}.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


def local_deployment(folder: Path, **changes: Any) -> Deployment:
    """Return a deployment on local folders and a SQLite warehouse below one folder."""
    settings: dict[str, Any] = {
        "data_uri": str(folder / "data"),
        "artifacts_uri": str(folder / "artifacts"),
        "warehouse_url": f"sqlite:///{folder / 'warehouse.sqlite'}",
        "models": folder / "models",
        "suites": folder / "suites",
    }
    return Deployment(**{**settings, **changes})
