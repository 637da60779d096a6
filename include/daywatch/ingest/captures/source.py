"""What a source of captures is: objects of a window, and the records in them."""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from daywatch.window import HOUR

if TYPE_CHECKING:
    import duckdb

    from daywatch.storage import Storage, StoredObject
    from daywatch.window import Window

RECORD_COLUMNS = """
    object INTEGER, record BIGINT, event_id VARCHAR, inference_id VARCHAR, inference_time TIMESTAMPTZ,
    request VARCHAR, request_kind VARCHAR, response VARCHAR, response_kind VARCHAR,
    status VARCHAR, latency_ms DOUBLE, request_bytes BIGINT, response_bytes BIGINT,
    model_version VARCHAR, variant VARCHAR, sampling_percent DOUBLE, attributes VARCHAR,
    reason VARCHAR, detail VARCHAR, excerpt VARCHAR
"""
"""Columns of the records that sources read, by name; any order, and any that are not there are NULL.

``request`` and ``response`` are text of the kinds ``csv``, ``json`` or ``jsonl``. ``status`` is
``succeeded`` for a request that was answered, else the word of the source. ``reason`` and ``detail`` say why a
record cannot be read; ``excerpt`` is its text, shortened
where it is stored.
"""


@dataclass(frozen=True)
class SourceObject:
    """An object of captures.

    Attributes:
        stored: As the storage lists it.
        start: Start of the interval that its place in the tree stands for.
        end: End of that interval.
        slack: How far off that interval the times of its records may lie.
    """

    stored: StoredObject
    start: datetime
    end: datetime
    slack: timedelta

    @property
    def earliest(self) -> datetime:
        """The earliest time that a record of it may have."""
        return self.start - self.slack

    @property
    def latest(self) -> datetime:
        """The time that every record of it lies before."""
        return self.end + self.slack

    def in_window(self, window: Window) -> bool:
        """Return whether its place in the tree lies in the window."""
        return window.start <= self.start < window.end


class Source(Protocol):
    """Reads one format. Adding one is adding a module, a configuration class and a row in ``SOURCES``."""

    @property
    def folder(self) -> str:
        """Folder of the captures below the data URI."""

    def objects(self, storage: Storage, window: Window) -> list[SourceObject]:
        """Return the objects that may hold records of the window, in a fixed order."""

    def read(
        self,
        connection: duckdb.DuckDBPyConnection,
        storage: Storage,
        objects: dict[int, SourceObject],
        scratch: Path,
    ) -> Generator[str]:
        """Yield queries for the records (see ``RECORD_COLUMNS``), in the order of the objects.

        A query runs once, before the next one is asked for.

        Args:
            connection: Runs the queries; its temporary tables are nobody else's.
            storage: Where the objects lie.
            objects: Some of those that ``objects`` returned, by number.
            scratch: Folder for files.
        """


def provide_objects(connection: duckdb.DuckDBPyConnection, objects: list[SourceObject]) -> None:
    """Let queries ask ``of_object``; all objects, in their order."""
    connection.execute(
        "CREATE TABLE objects "
        "(object INTEGER, key VARCHAR, start TIMESTAMPTZ, earliest TIMESTAMPTZ, latest TIMESTAMPTZ)"
    )
    if objects:
        rows = [(n, one.stored.key, one.start, one.earliest, one.latest) for n, one in enumerate(objects)]
        connection.executemany("INSERT INTO objects VALUES (?, ?, ?, ?, ?)", rows)
    set_object_variables(connection)


def set_object_variables(connection: duckdb.DuckDBPyConnection) -> None:
    """Let a connection to the same database ask ``of_object``: variables belong to one connection."""
    for name in ("key", "start", "earliest", "latest"):
        connection.execute(f"SET VARIABLE object_{name} = (SELECT list({name} ORDER BY object) FROM objects)")


def of_object(name: str) -> str:
    """Return SQL for the ``key``, ``start``, ``earliest`` or ``latest`` of a record's object.

    It is looked up in a list by its number: a join would not keep the order of the records.
    """
    return f"getvariable('object_{name}')[object + 1]"


def partition_step(partition: str) -> timedelta:
    """Return how long the interval of one partition folder is: an hour, or a day."""
    return HOUR if "%H" in partition else timedelta(days=1)


def partitioned_objects(
    storage: Storage,
    folder: str,
    partition: str,
    window: Window,
    endings: tuple[str, ...] = ("",),
    slack: timedelta | None = None,
) -> list[SourceObject]:
    """Return the objects whose path names a time in the window, or not far past either end.

    Records of the neighbouring interval lie in a folder now and then; each record's own time decides.

    Args:
        storage: Where they lie.
        folder: Folder below the storage.
        partition: How paths below it name the time: folders, or files where it holds ``*``.
        window: Which.
        endings: Which files, such as ``.jsonl``.
        slack: How far past both ends to look; none: one interval.
    """
    step = partition_step(partition)
    slack = step if slack is None else slack
    moments = []
    moment = window.start - slack
    while moment < window.end + slack:
        moments.append(moment)
        moment += step
    found: list[SourceObject] = []
    for parent, below in _by_folder(folder, partition, moments).items():
        for stored in storage.list(parent):
            start = next((one for pattern, one in below if fnmatchcase(stored.key, pattern)), None)
            if start is not None and stored.key.endswith(endings):
                found.append(SourceObject(stored, start, start + step, slack))
    return sorted(found, key=lambda one: one.stored.key)


def _by_folder(folder: str, partition: str, moments: list[datetime]) -> dict[str, list[tuple[str, datetime]]]:
    """Return which folders to list, each with the patterns of the moments below it: one listing a day."""
    pattern = partition if "*" in partition else f"{partition}/*"
    parent = re.split(r"%H|\*", pattern, maxsplit=1)[0].rpartition("/")[0]
    grouped: dict[str, list[tuple[str, datetime]]] = {}
    for moment in moments:
        place = f"{folder}/{moment.strftime(parent)}".rstrip("/") + "/"
        grouped.setdefault(place, []).append((f"{folder}/{moment.strftime(pattern)}", moment))
    return grouped
