"""A suggested expectation, before it becomes Great Expectations' JSON."""

from __future__ import annotations

import uuid
from typing import Any, NamedTuple

from daywatch.results import Severity
from daywatch.validation.fingerprint import content_fingerprint, expectation_key

_IDS = uuid.UUID("6f1d3c52-5a0e-5d0c-9a55-2f6f4b1f7a11")


class Draft(NamedTuple):
    """An expectation before it has an id: GX's type, arguments, severity, and what it expects in words."""

    type: str
    kwargs: dict[str, Any]
    severity: Severity
    description: str = ""


def suggested_expectation(model: str, draft: Draft) -> dict[str, Any]:
    """Return a draft as Great Expectations writes it, with an id made from its name, marked as a suggestion.

    Args:
        model: Name of the model.
        draft: The expectation.
    """
    drafted: dict[str, Any] = {"type": draft.type, "kwargs": draft.kwargs, "severity": draft.severity.value}
    identity = f"{model}/{expectation_key(drafted)}"
    meta = {"daywatch": {"suggested": content_fingerprint(drafted)}}
    words = {"description": draft.description} if draft.description else {}
    return {**drafted, **words, "id": str(uuid.uuid5(_IDS, identity)), "meta": meta}


def suite_id(model: str) -> str:
    """Return the id of a model's suite, made from its name."""
    return str(uuid.uuid5(_IDS, model))
