"""Stand-ins for the wrong sections of a file, so that the right ones are checked against each other at once."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from daywatch.config.base import Place
from daywatch.config.model.model import MonitoredModel

_ACTION = {"do": "x", "who": "x", "within_hours": 1}
_RULE = {"metric": "rows", "red": "< 1"}
_SECTIONS: dict[str, Any] = {
    "model": "x",
    "namespace": "/x",
    "description": "x",
    "owner": "x",
    "contacts": ["x@example.com"],
    "features": [{"name": "x", "type": "number"}],
    "output": {"task": "regression", "response": ["prediction"]},
    "capture": {"source": "table", "prefix": "x"},
    "baseline": {"first": "2000-01-01", "last": "2000-01-01"},
    "plan": {"rules": [_RULE], "actions": {"amber": _ACTION, "red": _ACTION, "grey": _ACTION}},
    "schedule": {"first_window": "2000-01-02"},
}
"""The required sections, each as small as it can be."""


def with_stand_ins(data: dict[str, Any], wrong: Iterable[Place]) -> tuple[MonitoredModel, set[str]] | None:
    """Return a model whose wrong parts are replaced, and the names of the sections that were.

    A wrong rule of the plan is replaced alone, and the other rules are checked.

    Args:
        data: The content of the file.
        wrong: The places of its errors.

    Returns:
        None where the rest is not valid either.
    """
    replaced = copy.deepcopy(data)
    sections: set[str] = set()
    for place in wrong:
        match place:
            case ("plan", "rules", int() as number, *_):
                replaced["plan"]["rules"][number] = _RULE
            case (str() as name, *_):
                sections.add(name)
    for name in sections:
        replaced.pop(name, None)
        if name in _SECTIONS:
            replaced[name] = _SECTIONS[name]
    try:
        return MonitoredModel.model_validate(replaced), sections
    except ValidationError:
        return None
