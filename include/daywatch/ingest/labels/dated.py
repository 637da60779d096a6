"""Label objects in folders that are dated by the day of collection."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from daywatch.ingest.labels.source import LabelObject

if TYPE_CHECKING:
    from daywatch.storage import Storage


def dated_objects(
    storage: Storage, prefix: str, partition: str, first: date, last: date, endings: tuple[str, ...]
) -> list[LabelObject]:
    """Return the label objects of a span of days, oldest first; only the folders of these days are listed.

    Args:
        storage: The storage of the data URI.
        prefix: Folder that contains the folders of all days.
        partition: Pattern of the dated folders below it, as strftime reads it, such as ``%Y/%m/%d``.
        first: First day of collection.
        last: Last day of collection, included.
        endings: Endings of the names of label objects, such as ``.jsonl``; others are left out.
    """
    found: list[LabelObject] = []
    day = first
    while day <= last:
        for folder in _folders(partition, day):
            found += [
                LabelObject(storage.address(one.key), day, one)
                for one in storage.list(f"{prefix}/{folder}/")
                if one.key.endswith(endings)
            ]
        day += timedelta(days=1)
    return found


def _folders(partition: str, day: date) -> list[str]:
    """Return the folders of a day: one, where its hours have folders of their own below it."""
    parts = partition.split("/")
    depth = 1 + max(n for n, part in enumerate(parts) if any(word in part for word in ("%Y", "%m", "%d")))
    above = "/".join(parts[:depth])
    hours = [datetime(day.year, day.month, day.day, hour, tzinfo=UTC) for hour in range(24)]
    return list(dict.fromkeys(hour.strftime(above) for hour in hours))
