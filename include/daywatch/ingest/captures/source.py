"""The interface of a source of captures: the objects of a window, and the records in them."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from daywatch.days import DAY, EPOCH, HOUR

if TYPE_CHECKING:
    import duckdb

    from daywatch.storage import Storage, StoredObject
    from daywatch.window import Window


RECORD_COLUMNS = """
    object INTEGER, record BIGINT, event_id VARCHAR, inference_id VARCHAR, inference_time TIMESTAMPTZ,
    request VARCHAR, request_kind VARCHAR, response VARCHAR, response_kind VARCHAR,
    status VARCHAR, latency_ms DOUBLE, request_bytes BIGINT, response_bytes BIGINT,
    model_version VARCHAR, variant VARCHAR, sampling_percent DOUBLE, attributes VARCHAR, kept VARCHAR[],
    guessed VARCHAR, extra_names VARCHAR[], part_reason VARCHAR, part_detail VARCHAR,
    reason VARCHAR, detail VARCHAR, excerpt VARCHAR
"""
"""Columns of the records that a source reads, by name: in any order, and NULL where a source leaves one out.

``request`` and ``response`` are text of the kinds ``csv``, ``json`` or ``jsonl``. ``status`` is ``succeeded`` for a
request that was answered, else the source's own word. ``kept`` lists the values of ``capture.keep``, in its order.
``guessed`` names a payload of
which the record does not say what it is, with what it was taken for. ``extra_names`` lists names in a table that no
feature has; those in payloads are found later. ``part_reason`` and ``part_detail`` say why a
payload cannot be read, ``reason`` and ``detail`` why the record cannot, not even its id and time;
``excerpt`` is its text, which is shortened before it is stored.
"""


@dataclass(frozen=True)
class TableRecords:
    """A query for records whose values have columns of their own instead of payloads.

    Attributes:
        query: SQL for the records, which also have a column ``captured_<n>`` for each value: of the features in
            their order, then of the answers in the order of ``output.response``.
        types: DuckDB type of each of these columns, by its name; a value whose column is not there is missing.
        parts: Queries for the same records, each for some of them, one after the other in their order, which may run
            at once; empty for records that one query reads.
    """

    query: str
    types: Mapping[str, str]
    parts: tuple[str, ...] = ()


Records = str | TableRecords
"""A query for records with payloads as text, or with values in columns of their own."""


@dataclass(frozen=True)
class SourceObject:
    """An object of captures.

    Attributes:
        stored: The object, as it was listed.
        start: Start of the interval that its path names, UTC.
        end: End of that interval, excluded.
        slack: How far outside that interval the times of its records may be.
    """

    stored: StoredObject
    start: datetime
    end: datetime
    slack: timedelta

    @property
    def earliest(self) -> datetime:
        """The earliest time that one of its records may have."""
        return self.start - self.slack

    @property
    def latest(self) -> datetime:
        """The time before which all its records are."""
        return self.end + self.slack

    def in_window(self, window: Window) -> bool:
        """Return whether the interval that its path names starts in the window."""
        return window.start <= self.start < window.end


class Source(Protocol):
    """Reads one format. A new format needs a module, a configuration class and a row in ``SOURCES``."""

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
    ) -> Generator[Records]:
        """Yield queries for the records (see ``RECORD_COLUMNS``), in the order of the objects.

        Each query runs once, before the next one is yielded. An error of a query is thrown into this generator,
        which may yield another query instead.

        Args:
            connection: The connection that runs the queries; no other code uses its temporary tables.
            storage: The storage of the data URI.
            objects: Some of the objects that ``objects`` returned, by their index there.
            scratch: Existing local folder for copies of objects.
        """


def provide_objects(connection: duckdb.DuckDBPyConnection, objects: list[SourceObject]) -> None:
    """Make the table ``objects``, so that queries can use ``of_object``."""
    import pyarrow as pa

    time = pa.timestamp("us", "UTC")
    given = pa.table(  # a day may have tens of thousands, too many to be inserted one by one
        {
            "object": pa.array(range(len(objects)), pa.int32()),
            "key": pa.array([one.stored.key for one in objects], pa.string()),
            "start": pa.array([one.start for one in objects], time),
            "earliest": pa.array([one.earliest for one in objects], time),
            "latest": pa.array([one.latest for one in objects], time),
        }
    )
    connection.register("given_objects", given)
    connection.execute("CREATE TABLE objects AS FROM given_objects")
    connection.unregister("given_objects")
    set_object_variables(connection)


def set_object_variables(connection: duckdb.DuckDBPyConnection) -> None:
    """Let another connection to the same database use ``of_object``: variables belong to one connection."""
    for name in ("key", "start", "earliest", "latest"):
        connection.execute(f"SET VARIABLE object_{name} = (SELECT list({name} ORDER BY object) FROM objects)")


def of_object(name: str) -> str:
    """Return SQL for the ``key``, ``start``, ``earliest`` or ``latest`` of a record's object.

    The object is looked up in a list, because a join would not keep the order of the records.
    """
    return f"getvariable('object_{name}')[object + 1]"


def partition_step(partition: str) -> timedelta:
    """Return the length of the interval that a path names: an hour or a day."""
    return HOUR if "%H" in partition else DAY


def partitioned_objects(
    storage: Storage,
    folder: str,
    partition: str,
    window: Window,
    endings: tuple[str, ...] = ("",),
    slack: timedelta | None = None,
) -> list[SourceObject]:
    """Return the objects whose path names a time in the window or close to it, in the order of their keys.

    A folder sometimes contains records of the neighbouring interval, so each record's own time decides.

    Args:
        storage: The storage of the data URI.
        folder: Folder of the captures below it.
        partition: Pattern of the paths below the folder, as strftime reads it: of folders, or of files if it
            contains ``*``.
        window: The window.
        endings: Endings of the names of capture objects, such as ``.jsonl``; others are left out.
        slack: How far before and after the window to look; by default one interval.
    """
    step = partition_step(partition)
    slack = step if slack is None else slack
    found: list[SourceObject] = []
    for parent, below in _by_folder(folder, partition, _intervals(window, step, slack)).items():
        for stored in storage.list(parent):
            start = next((one for pattern, one in below if fnmatchcase(stored.key, pattern)), None)
            if start is not None and stored.key.endswith(endings):
                found.append(SourceObject(stored, start, start + step, slack))
    return sorted(found, key=lambda one: one.stored.key)


def _intervals(window: Window, step: timedelta, slack: timedelta) -> Iterator[tuple[date, datetime]]:
    """Yield the intervals that folders of a window are named by, each with the time at which it starts.

    Folders name hours and days in UTC. Only where no record has a time of its own, so that the folder alone decides,
    are the days those of the window, in its time zone.
    """
    if step == DAY and not slack:
        for n in range(window.days):
            yield window.first + n * DAY, window.start + n * DAY
        return
    start = window.start - slack
    start -= (start - EPOCH) % step
    while start < window.end + slack:
        yield start, start
        start += step


def _by_folder(
    folder: str, partition: str, intervals: Iterable[tuple[date, datetime]]
) -> dict[str, list[tuple[str, datetime]]]:
    """Return the folders to list, one per day, each with the patterns and starts of the intervals below it."""
    pattern = partition if "*" in partition else f"{partition}/*"
    parent = re.split(r"%H|\*", pattern, maxsplit=1)[0].rpartition("/")[0]
    grouped: dict[str, list[tuple[str, datetime]]] = {}
    for named, start in intervals:
        listed = f"{folder}/{named.strftime(parent)}".rstrip("/") + "/"
        grouped.setdefault(listed, []).append((f"{folder}/{named.strftime(pattern)}", start))
    return grouped
