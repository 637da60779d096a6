"""The values that are kept besides a record's payload, as they may be stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.ingest.payloads.redaction import redacted

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel


def redacted_kept(model: MonitoredModel) -> str:
    """Return SQL for the list of a record's kept values, redacted as the model says.

    Args:
        model: The model's configuration: the order of what it keeps, and its redaction.
    """
    if not set(model.kept) & set(model.redaction.columns):
        return "kept"
    return f"[{', '.join(redacted(f'kept[{n}]', model, name) for n, name in enumerate(model.kept, start=1))}]"


def stored_kept(model: MonitoredModel, name: str) -> str:
    """Return SQL for a kept value, from the column ``kept`` of ``typed_rows``.

    Args:
        model: The model's configuration: the order of what it keeps.
        name: The name of the value.
    """
    return f"kept[{model.kept.index(name) + 1}]"
