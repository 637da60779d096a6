"""The interface of a source of labels: its objects, and the values in them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from daywatch.days import DAY
from daywatch.storage import StoredObject
from daywatch.window import Window

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.deployment.connections import Connections
    from daywatch.config.model.labels import LabelSource
    from daywatch.storage import Storage

VALUES = ("object", "record", "id", "label", "position", "collected", "reason", "detail", "excerpt")
"""Columns that a source gives: numbers of the object and the record, four values as text, and what was wrong."""

Insert = Callable[[str], None]
"""Stores what a query returns, with the columns ``VALUES``; a source calls it once or many times."""


@dataclass(frozen=True)
class LabelObject:
    """Something that contains labels: an object of the storage, or a database.

    Attributes:
        address: Its address, for people.
        day: The day on which its labels were collected; None if each label says so itself.
        stored: The object of the storage; None for a database, before its rows have a fingerprint.
    """

    address: str
    day: date | None = None
    stored: StoredObject | None = None


Object = TypeVar("Object")


@dataclass(frozen=True)
class Sample:
    """Bounds of a look at captures or labels.

    Attributes:
        objects: How many objects are read at most.
        bytes: Size of these objects at most; one object is read whatever its size.
    """

    objects: int
    bytes: int

    def of(self, sized: Sequence[tuple[Object, int]]) -> list[Object]:
        """Return the first objects within the bounds.

        Args:
            sized: The objects with their sizes.
        """
        total = 0
        found: list[Object] = []
        for one, size in sized[: self.objects]:
            total += size
            if found and total > self.bytes:
                break
            found.append(one)
        return found


@dataclass(frozen=True)
class LabelRequest:
    """Which labels a source is to read, and what it needs for that.

    Attributes:
        window: The window whose inferences the labels are of.
        storage: The storage of the data URI.
        connections: Look-up of Airflow connections.
        known_on: The last day of collection that is read; None for all that the delay allows.
        sample: Bounds of the objects that are read; None for all.
    """

    window: Window
    storage: Storage
    connections: Connections
    known_on: date | None = None
    sample: Sample | None = None

    def until(self, labels: LabelSource) -> datetime:
        """Return the time before which labels that are read were collected."""
        allowed = self.window.end + labels.delay_days * DAY
        return allowed if self.known_on is None else min(allowed, Window.of_day(self.known_on).end)

    def last_day(self, labels: LabelSource) -> date:
        """Return the last day of collection that is read, in UTC, as folders are named."""
        return (self.until(labels) - timedelta(microseconds=1)).date()


class LabelReader(ABC):
    """A source of labels, for one window.

    Attributes:
        id_position: Position of ids, as sentences name it, such as ``the column id``.
        label_position: Position of labels, as sentences name it.
        sparse: Whether a record may have neither an id nor a label; with an id, its outcome is not known yet in
            any source.
    """

    id_position = "the inference's id"
    label_position = "the label"
    sparse = True

    @abstractmethod
    def objects(self) -> list[LabelObject]:
        """Return what contains the labels, in the order of collection.

        Raises:
            InfrastructureError: The storage did not answer.
        """

    @abstractmethod
    def read(
        self, connection: duckdb.DuckDBPyConnection, objects: Mapping[int, LabelObject], insert: Insert
    ) -> None:
        """Pass the values in some of the objects to ``insert``. Several threads call it, each for other objects.

        Args:
            connection: The connection that runs the queries.
            objects: Some of the objects that ``objects`` returned, by their index there.
            insert: Stores what a query returns, with the columns ``VALUES``.

        Raises:
            InfrastructureError: The source did not answer.
        """

    def with_fingerprints(self, objects: list[LabelObject]) -> list[LabelObject]:
        """Return the objects with fingerprints that change when labels change; those of a storage have ETags."""
        return objects
