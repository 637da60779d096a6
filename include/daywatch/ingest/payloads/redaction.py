"""Captured values made fit to be stored, in SQL: before a value is typed, written or quoted anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.errors import SetupError
from daywatch.ingest.reading.quarantine import Reason

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.deployment.connections import Connections
    from daywatch.config.model.model import MonitoredModel

_BLOCK = 64

_QUOTING = (Reason.NOT_A_TABLE, Reason.NOT_CSV, Reason.ENCODING, Reason.UNREADABLE)
"""Reasons whose sentences may quote what was read."""


def provide_key(
    connection: duckdb.DuckDBPyConnection, model: MonitoredModel, connections: Connections
) -> None:
    """Let ``redacted`` hash with the model's key, if it has one.

    Args:
        connection: Runs the queries; the key stays in its memory.
        model: Names the Airflow connection whose password is the key.
        connections: Looks it up.

    Raises:
        SetupError: There is no such connection, or it has no password.
    """
    name = model.redaction.key
    if name is None:
        return
    found = connections(name)
    if found is None or found.password is None or not found.password.get_secret_value():
        msg = (
            f"The model {model.model!r} hashes columns with the password of the Airflow connection {name!r}, "
            "which is not there or has none: add it, and keep it; with another key the hashes are others."
        )
        raise SetupError(msg)
    key = found.password.get_secret_value().encode()
    if len(key) > _BLOCK:
        import hashlib

        key = hashlib.sha256(key).digest()
    key = key.ljust(_BLOCK, b"\0")
    for pad, mask in (("inner", 0x36), ("outer", 0x5C)):
        padded = bytes(byte ^ mask for byte in key).hex()
        connection.execute(f"SET VARIABLE redaction_{pad} = unhex('{padded}')")


def redacted(value: str, model: MonitoredModel, name: str) -> str:
    """Return SQL for a column's value as it may be stored.

    Args:
        value: SQL for the captured text.
        model: Says what is hashed, by HMAC-SHA256 (RFC 2104), and what is truncated.
        name: The column.
    """
    if name in model.redaction.hash:
        inner = f"unhex(sha256(getvariable('redaction_inner') || encode({value})))"
        return f"sha256(getvariable('redaction_outer') || {inner})"
    if name in model.redaction.truncate:
        return f"left({value}, {model.redaction.truncate[name]})"
    return value


def quotable(told: str, model: MonitoredModel) -> str:
    """Return SQL for captured text as quarantine may show it: of a redacting model only its outline.

    What could not be read cannot be told apart into columns, so every letter becomes ``x``, every digit ``0``.
    """
    if not model.redaction.columns:
        return told
    letters = f"regexp_replace({told}, '[\\pL\\pM]', 'x', 'g')"
    return f"regexp_replace({letters}, '\\pN', '0', 'g')"


def sentence(detail: str, model: MonitoredModel) -> str:
    """Return SQL for the sentence beside a ``reason``, without what it may quote of a redacting model."""
    if not model.redaction.columns:
        return detail
    quoting = ", ".join(f"'{reason}'" for reason in _QUOTING)
    withheld = "'withheld: it may quote what this model redacts'"
    return f"CASE WHEN reason IN ({quoting}) THEN {withheld} ELSE {detail} END"
