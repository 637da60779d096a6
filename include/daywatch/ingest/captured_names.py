"""The names that captures themselves have for their values: columns of a table, keys of a JSON payload."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from daywatch.config.model.capture import SqlCapture
from daywatch.engine.duck import duckdb_in, text
from daywatch.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from daywatch.config.model.model import MonitoredModel
    from daywatch.ingest.captures.source import SourceObject
    from daywatch.storage import Storage

_RECORDS = 20
_DEEPEST = 3


def captured_names(
    model: MonitoredModel,
    storage: Storage,
    objects: Sequence[SourceObject],
    scratch: Path,
) -> tuple[str, ...]:
    """Return the names in the first object that has any, in order; empty where values have only positions.

    Args:
        model: The model's configuration, for the source and the path to a payload's rows.
        storage: The storage of the data URI.
        objects: Objects of captures.
        scratch: Existing local folder for a copy of an object.

    Raises:
        InfrastructureError: The storage did not answer.
    """
    for one in objects:
        if model.capture.source == "table":
            names = _table_names(storage, one, scratch)
        elif isinstance(model.capture, SqlCapture):
            names = _query_names(model, storage, one)
        else:
            names = _payload_names(model, storage, one, scratch)
        if names:
            return names
    return ()


def _query_names(model: MonitoredModel, storage: Storage, one: SourceObject) -> tuple[str, ...]:
    """Return the columns of a query."""
    from daywatch.ingest.captures.registry import source_of
    from daywatch.ingest.captures.sql import SqlSource

    source = source_of(model)
    source.objects(storage, Window(one.start, one.end))
    return source.columns() if isinstance(source, SqlSource) else ()


def _table_names(storage: Storage, one: SourceObject, scratch: Path) -> tuple[str, ...]:
    """Return the columns of a table; empty for a file that is none."""
    import duckdb

    key = one.stored.key
    ending = next((end for end in (".csv.gz", ".csv", ".parquet") if key.endswith(end)), ".csv")
    copy = scratch / f"names{ending}"
    storage.download(key, copy)
    reader = "read_parquet" if ending == ".parquet" else "read_csv"
    header = "" if ending == ".parquet" else ", header = true, all_varchar = true"
    with duckdb_in(scratch) as connection:
        try:
            found = connection.execute(f"DESCRIBE FROM {reader}({text(str(copy))}{header})").fetchall()
        except duckdb.Error:
            return ()
        finally:
            copy.unlink()
    return tuple(row[0] for row in found)


def _payload_names(
    model: MonitoredModel, storage: Storage, one: SourceObject, scratch: Path
) -> tuple[str, ...]:
    """Return the keys in an object's first requests, a path for a key below another."""
    from daywatch.ingest.captures.registry import source_of
    from daywatch.ingest.captures.source import RECORD_COLUMNS, TableRecords, provide_objects

    names: dict[str, None] = {}
    with duckdb_in(scratch) as connection:
        provide_objects(connection, [one])
        connection.execute(f"CREATE TABLE no_records ({RECORD_COLUMNS})")
        for records in source_of(model).read(connection, storage, {0: one}, scratch):
            query = records.query if isinstance(records, TableRecords) else records
            # A source may leave a column out, such as the request of what cannot be read.
            rows = connection.execute(f"""
                SELECT request, request_kind FROM (FROM no_records UNION ALL BY NAME ({query}))
                WHERE request IS NOT NULL LIMIT {_RECORDS}
            """).fetchall()
            for request, kind in rows:
                names |= dict.fromkeys(_names(request, kind, model))
            if names:
                break
    return tuple(names)


def _names(request: str, kind: str, model: MonitoredModel) -> Iterator[str]:
    if kind == "csv":
        if model.capture.payload.header:
            yield from (name.strip().strip('"') for name in request.splitlines()[0].split(","))
        return
    try:
        value = json.loads(request.splitlines()[0] if kind == "jsonl" else request)
    except (ValueError, IndexError, RecursionError):
        return
    for key in _steps(model.capture.payload.request_rows):
        value = value.get(key) if isinstance(value, dict) else None
    first = value[0] if isinstance(value, list) and value else value
    yield from _keys(first, ())


def _steps(path: str | None) -> list[str]:
    return [step for step in (path or "$").removeprefix("$").split(".") if step]


def _keys(value: Any, above: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(value, dict) or len(above) == _DEEPEST:
        if above:
            yield ".".join(above)
        return
    for key, inner in value.items():
        yield from _keys(inner, (*above, str(key)))


def compare_names(found: Sequence[str], model: MonitoredModel) -> tuple[list[str], list[str]]:
    """Compare the captures' names with those of the configuration.

    Args:
        found: The names that ``captured_names`` returns.
        model: The model's configuration.

    Returns:
        The names that are found and not configured, and the features that are configured and not found.
    """
    features = {one.name: _place(one.name if one.at is None else one.at) for one in model.captured_features}
    places = {str(name): at for name, at in model.output.at.items()}
    answers = [_place(places.get(name, name)) for name in model.output.response]
    own = [getattr(model.capture, name, None) for name in ("id_column", "time_column")]
    known = [*features.values(), *answers, *filter(None, own)]
    extra = [name for name in found if not any(_covers(name, place) for place in known)]
    absent = [
        name
        for name, place in features.items()
        if isinstance(place, str) and not any(_covers(one, place) for one in found)
    ]
    return extra, absent


def _place(at: str | int) -> str | int:
    return at.removeprefix("$.") if isinstance(at, str) else at


def _covers(name: str, place: str | int) -> bool:
    """Return whether a configured place is a captured name, or a part of its value."""
    return isinstance(place, str) and (place == name or place.startswith((f"{name}.", f"{name}[")))
