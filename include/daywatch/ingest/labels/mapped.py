"""Labels that are spelled in another way than predictions, mapped to classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.model.columns import CategoryType
from daywatch.engine.duck import text
from daywatch.ingest.payloads.categories import one_spelling

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel

_LISTED = 10


def mapped_label(label: str, model: MonitoredModel) -> str:
    """Return SQL for the class that a label stands for: by the map, else itself if it is a class, else NULL.

    Args:
        label: SQL for the label, NULL where it is missing.
        model: The model's configuration; its labels have a map.
    """
    cases = [(key, name) for key, name in _map(model).items()]
    cases += [(name, name) for name in model.class_names]
    # 1.0 and 1 are one label, as in classes.
    given = one_spelling(label, CategoryType.NUMBER)
    whens = " ".join(
        f"WHEN {one_spelling(text(key), CategoryType.NUMBER)} THEN {text(name)}" for key, name in cases
    )
    exact = " ".join(f"WHEN {text(key)} THEN {text(name)}" for key, name in cases)
    return f"CASE {label} {exact} ELSE CASE {given} {whens} END END"


def unmapped_sentence(label: str, model: MonitoredModel) -> str:
    """Return SQL for the sentence about a label that neither the map nor the classes have."""
    keys = [*_map(model), *(name for name in model.class_names if name not in _map(model))]
    more = ", ..." if len(keys) > _LISTED else ""
    known = ", ".join(map(repr, keys[:_LISTED])) + more
    expected = text(f"expected a label that labels.map names, or a class ({known}), but received ")
    return f"{expected} || left({label}, 60)"


def _map(model: MonitoredModel) -> dict[str, str]:
    return model.labels.map if model.labels is not None else {}
