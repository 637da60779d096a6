"""What a source of labels is: objects, and the values that stand in them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from daywatch.storage import StoredObject

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.deployment.connections import Connections
    from daywatch.config.model.labels import LabelSource
    from daywatch.storage import Storage
    from daywatch.window import Window

VALUES = ("object", "record", "id", "label", "position", "collected", "reason", "detail", "excerpt")
"""Columns that a source gives: the object's number, the record's, four values as text, and what was wrong."""

Insert = Callable[[str], None]
"""Takes over what a query gives, as columns ``VALUES``; called once or many times."""


@dataclass(frozen=True)
class LabelObject:
    """Something that labels stand in: an object of the storage, or a database.

    Attributes:
        address: Where it lies, for people.
        day: When its labels were collected; None where they say so themselves.
        stored: The object, None for a database.
    """

    address: str
    day: date | None = None
    stored: StoredObject | None = None


@dataclass(frozen=True)
class LabelRequest:
    """What a source is asked for.

    Attributes:
        window: Labels of its inferences.
        storage: The data URI's.
        connections: Looks Airflow connections up.
        known_on: The last day of collection that is read; None for all that the delay allows.
    """

    window: Window
    storage: Storage
    connections: Connections
    known_on: date | None = None

    def last_day(self, labels: LabelSource) -> date:
        """Return the last day of collection that is read."""
        allowed = self.window.last + timedelta(days=labels.delay_days)
        return allowed if self.known_on is None else min(allowed, self.known_on)


class LabelReader(ABC):
    """A source of labels, for one window.

    Attributes:
        id_place: Where ids stand, for sentences.
        label_place: Where labels stand.
        sparse: A record without a label means that the outcome is not known yet.
    """

    id_place = "the inference's id"
    label_place = "the label"
    sparse = True

    @abstractmethod
    def objects(self) -> list[LabelObject]:
        """Return what labels stand in, in the order of collection.

        Raises:
            InfrastructureError: The storage did not answer.
        """

    @abstractmethod
    def read(
        self, connection: duckdb.DuckDBPyConnection, objects: Mapping[int, LabelObject], insert: Insert
    ) -> None:
        """Hand over the values in some of the objects; may be called from several threads, for others.

        Args:
            connection: Where the queries run.
            objects: Some of those that ``objects`` returned, by their place among them.
            insert: Takes a query that gives ``VALUES``.

        Raises:
            InfrastructureError: The source did not answer.
        """

    def marked(self, objects: list[LabelObject]) -> list[LabelObject]:
        """Return the objects with marks that change when labels change; those of a storage have theirs."""
        return objects
