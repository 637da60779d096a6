"""Redaction of captured values, in SQL, before a value is written or quoted anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.errors import SetupError
from daywatch.ingest.reading.quarantine import Reason

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.deployment.connections import Connections
    from daywatch.config.model.model import MonitoredModel

_BLOCK = 64

_QUOTING = (Reason.NOT_A_TABLE, Reason.NO_COLUMN, Reason.NOT_CSV, Reason.ENCODING, Reason.UNREADABLE)
"""Reasons whose sentences may quote captured text."""


def provide_key(
    connection: duckdb.DuckDBPyConnection, model: MonitoredModel, connections: Connections
) -> None:
    """Give a connection the model's key of redaction, if the model has one, so that ``redacted`` can hash with it.

    Args:
        connection: The connection that runs the queries; it holds the key in variables of its own.
        model: The model's configuration, which names the Airflow connection whose password is the key.
        connections: Look-up of Airflow connections.

    Raises:
        SetupError: There is no such connection, or it has no password.
    """
    name = model.redaction.key
    if name is None:
        return
    found = connections(name)
    if found is None or found.password is None or not found.password.get_secret_value():
        msg = (
            f"The model {model.model!r} hashes columns with the password of the Airflow connection {name!r}, but "
            "there is no such connection, or it has no password. Add it, and keep it: another key gives other hashes."
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
        value: SQL for the captured value.
        model: The model's configuration: which columns are hashed, by HMAC-SHA256 (RFC 2104), and which truncated.
        name: Name of the column.
    """
    if name in model.redaction.hash:
        inner = f"unhex(sha256(getvariable('redaction_inner') || encode({value})))"
        return f"sha256(getvariable('redaction_outer') || {inner})"
    if name in model.redaction.truncate:
        return f"left({value}, {model.redaction.truncate[name]})"
    return value


def quotable(excerpt: str, model: MonitoredModel) -> str:
    """Return SQL for captured text as quarantine may show it: for a model that redacts, only its outline.

    Text that cannot be read cannot be split into columns, so every letter becomes ``x`` and every digit ``0``.

    Args:
        excerpt: SQL for the captured text.
        model: The model's configuration, for its redaction.
    """
    if not model.redaction.columns:
        return excerpt
    letters = f"regexp_replace({excerpt}, '[\\pL\\pM]', 'x', 'g')"
    return f"regexp_replace({letters}, '\\pN', '0', 'g')"


def sentence(detail: str, model: MonitoredModel) -> str:
    """Return SQL for the sentence of a ``reason``; for a model that redacts, withheld if it may quote captured text."""
    if not model.redaction.columns:
        return detail
    quoting = ", ".join(f"'{reason}'" for reason in _QUOTING)
    withheld = "'withheld: it may quote values that this model redacts'"
    return f"CASE WHEN reason IN ({quoting}) THEN {withheld} ELSE {detail} END"
