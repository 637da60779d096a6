"""Label objects in folders that are dated by the day of collection, or in files that are not dated."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from daywatch.config.model.labels import UNDATED
from daywatch.ingest.labels.source import LabelObject
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.config.model.labels import FeedbackLabels, GroundTruthLabels, TableLabels
    from daywatch.ingest.labels.source import LabelRequest
    from daywatch.storage import Storage
    from daywatch.window import Window

ENDINGS = (".jsonl", ".jsonl.gz", ".json", ".json.gz", ".csv", ".csv.gz", ".parquet")
"""Endings of the names of files with labels, of any source."""

_LISTED = 10


def label_objects(
    labels: GroundTruthLabels | FeedbackLabels | TableLabels, request: LabelRequest, endings: tuple[str, ...]
) -> list[LabelObject]:
    """Return the label objects of a window, oldest first; of dated folders only those that the delay allows are listed.

    Args:
        labels: The model's configuration: the folder, or one file, and how folders are dated.
        request: The window, and how to reach the storage.
        endings: Endings of the names of label objects, such as ``.jsonl``; others are left out.
    """
    storage, prefix = request.storage, labels.prefix
    if prefix.endswith(ENDINGS) and (one := storage.find(prefix)) is not None:
        return [LabelObject(storage.address(one.key), None, one)]
    if labels.partition == UNDATED:
        listed = storage.list(f"{prefix}/")
        return [
            LabelObject(storage.address(one.key), None, one) for one in listed if one.key.endswith(endings)
        ]
    found: list[LabelObject] = []
    day, last = request.window.start.date(), request.last_day(labels)
    while day <= last:
        for folder in _folders(labels.partition, day):
            found += [
                LabelObject(storage.address(one.key), day, one)
                for one in storage.list(f"{prefix}/{folder}/")
                if one.key.endswith(endings)
            ]
        day += timedelta(days=1)
    return found


def looked_in(labels: GroundTruthLabels | FeedbackLabels | TableLabels, window: Window) -> str:
    """Return where ``label_objects`` looks below the prefix, for sentences.

    Args:
        labels: The model's configuration.
        window: The window.
    """
    if labels.partition == UNDATED or labels.prefix.endswith(ENDINGS):
        return "not dated"
    first, last = (
        one.strftime(labels.partition)
        for one in (window.start.date(), window.last_in_utc + timedelta(days=labels.delay_days))
    )
    return f"folder {first}" if first == last else f"folders {first} to {last}"


def what_is_there(prefix: str, storage: Storage) -> str:
    """Return the names right below a folder, or below the first folder above it that has any, as a sentence.

    Args:
        prefix: The folder.
        storage: The storage of the data URI.

    Raises:
        InfrastructureError: The storage did not answer.
    """
    names = storage.names(prefix)
    while not names and prefix:
        prefix = prefix.rpartition("/")[0]
        names = storage.names(prefix)
    listed = ", ".join(map(shown, names[:_LISTED])) + (" and others" if len(names) > _LISTED else "")
    return f"{storage.address(prefix).rstrip('/')} has {listed or 'nothing'}"


def _folders(partition: str, day: date) -> list[str]:
    """Return the folders of a day: one, where its hours have folders of their own below it."""
    parts = partition.split("/")
    depth = 1 + max(n for n, part in enumerate(parts) if any(word in part for word in ("%Y", "%m", "%d")))
    above = "/".join(parts[:depth])
    hours = [datetime(day.year, day.month, day.day, hour, tzinfo=UTC) for hour in range(24)]
    return list(dict.fromkeys(hour.strftime(above) for hour in hours))
