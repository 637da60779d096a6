"""Where bad rows and failed requests come from: the most frequent value of each that is kept besides the payload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from daywatch.engine.duck import text
from daywatch.ingest.kept import stored_kept
from daywatch.results import Record

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.model.model import MonitoredModel

LEAST = 5
"""Fewer bad rows say nothing about where they come from."""

_MOSTLY = 0.5

_BAD: dict[Literal["quarantined", "failed"], str] = {
    "quarantined": "reason IS NOT NULL",
    "failed": "reason IS NULL AND coalesce(status, 'succeeded') <> 'succeeded'",
}


class Concentration(Record):
    """Most bad rows have one value of those that are kept besides the payload.

    Attributes:
        kind: ``quarantined`` rows, or ``failed`` requests.
        name: The name of the value, such as ``server``.
        value: The value, as it may be stored.
        bad: Number of bad rows with this value.
        all_bad: Number of bad rows.
        rows: Number of rows with this value.
        all_rows: Number of rows.
    """

    kind: Literal["quarantined", "failed"]
    name: str
    value: str
    bad: int
    all_bad: int
    rows: int
    all_rows: int


def concentrations(connection: duckdb.DuckDBPyConnection, model: MonitoredModel) -> tuple[Concentration, ...]:
    """Return where most of the bad rows come from; nothing where they come from everywhere.

    Args:
        connection: Has the view ``typed_rows``.
        model: The model's configuration, for what it keeps.
    """
    if not model.kept:
        return ()
    found = []
    ((all_rows,),) = connection.execute("SELECT count(*) FROM typed_rows WHERE NOT is_filtered").fetchall()
    for kind, bad in _BAD.items():
        ((all_bad,),) = connection.execute(
            f"SELECT count(*) FROM typed_rows WHERE NOT is_filtered AND {bad}"
        ).fetchall()
        for name in model.kept if all_bad >= LEAST else ():
            value = stored_kept(model, name)
            top = connection.execute(f"""
                SELECT {value} AS value, count(*) AS bad FROM typed_rows WHERE NOT is_filtered AND {bad}
                GROUP BY ALL HAVING value IS NOT NULL ORDER BY bad DESC, value LIMIT 1
            """).fetchone()
            if top is None or top[1] <= _MOSTLY * all_bad:
                continue
            ((rows,),) = connection.execute(
                f"SELECT count(*) FROM typed_rows WHERE NOT is_filtered AND {value} = {text(top[0])}"
            ).fetchall()
            found.append(
                Concentration(
                    kind=kind,
                    name=name,
                    value=top[0],
                    bad=top[1],
                    all_bad=all_bad,
                    rows=rows,
                    all_rows=all_rows,
                )
            )
    return tuple(found)
