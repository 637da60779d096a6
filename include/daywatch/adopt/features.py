"""The features, from the columns of the requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from daywatch.adopt.columns import type_of
from daywatch.adopt.guesses import Captured
from daywatch.config.model.model import RESERVED_COLUMNS
from daywatch.errors import SetupError
from daywatch.ingest.payloads.positions import json_path


class ProposedFeature(NamedTuple):
    """A feature of the proposed YAML.

    Attributes:
        values: Its keys and values.
        because: What its type rests on, as a comment.
    """

    values: dict[str, Any]
    because: str


def proposed_features(captured: Captured, names: Sequence[str] = ()) -> tuple[ProposedFeature, ...]:
    """Return the features of the sample.

    Args:
        captured: The captures.
        names: The names of the features in their order, where captures have only positions.

    Raises:
        SetupError: There is none.
    """
    if not captured.features:
        msg = "No column is left for the features: expected inputs next to ids, times, labels and answers."
        raise SetupError(msg)
    found: list[ProposedFeature] = []
    taken = {one.casefold() for one in RESERVED_COLUMNS}
    for n, column in enumerate(captured.features):
        own = column.name if captured.has_names else (names[n] if names else f"feature_{n}")
        name = own if own.casefold() not in taken else f"feature_{n}_{own}"
        taken.add(name.casefold())
        at: int | str | None = column.at if captured.has_names else None
        if at is None and captured.has_names and name != column.name:
            at = json_path(column.name)
        kind, because = type_of(column)
        values: dict[str, Any] = {"name": name, "type": str(kind)}
        if at is not None:
            values["at"] = at
        found.append(ProposedFeature(values, because))
    return tuple(found)
