"""Where values stand in payloads: positions in CSV, names in its header, paths in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.engine.duck import text

if TYPE_CHECKING:
    from daywatch.config.model import MonitoredModel

Places = list[tuple[str, int | str | None]]
"""Names of the wanted values, each with its place, None for the default."""


def response_names(model: MonitoredModel) -> list[str]:
    """Return the answers' names in the order of a response, values to skip included."""
    return list(model.output.response)


def json_paths(places: Places) -> str:
    """Return SQL for the list of paths: where told, else by name; a position becomes an array's."""
    paths = []
    for name, at in places:
        if isinstance(at, str):
            paths.append(at)
        elif isinstance(at, int):
            paths.append(f"$[{at}]")
        else:
            paths.append('$."' + name.replace("\\", "\\\\").replace('"', '\\"') + '"')
    return "[" + ", ".join(text(path) for path in paths) + "]"


def csv_values(rows: str, places: Places, *, header: bool) -> str:
    """Return SQL that picks the wanted values of each row, in order.

    Without positions a row has to hold exactly the wanted values; with them, it may hold more. A row that is
    too short stays as it is, so that its length tells.

    Args:
        rows: SQL for the rows of a payload as lists of text.
        places: What is wanted.
        header: The first row holds names.
    """
    if header:
        names = "[" + ", ".join(text(name) for name, _ in places) + "]"
        return (
            f"list_transform(({rows})[2:], lambda one: list_transform({names}, "
            f"lambda name: one[list_position(({rows})[1], name)]))"
        )
    positions = [at for _, at in places if isinstance(at, int)]
    if not positions:
        return rows
    if len(positions) < len(places):
        positions = [at if isinstance(at, int) else n for n, (_, at) in enumerate(places)]
    picked = "[" + ", ".join(f"one[{at + 1}]" for at in positions) + "]"
    return f"list_transform({rows}, lambda one: CASE WHEN len(one) > {max(positions)} THEN {picked} ELSE one END)"
