"""Windows whose evidence changed since they were judged: a listing shows it before any object is read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from daywatch.config.loading.load import find_model
from daywatch.config.model.model import WITHOUT_LABELS
from daywatch.ingest.captures.registry import source_of, stored_as_read
from daywatch.ingest.data_places import Database, capture_storage, label_storage
from daywatch.ingest.evidence_listing import evidence_listing
from daywatch.ingest.labels.load import label_reader
from daywatch.ingest.labels.source import LabelRequest
from daywatch.results import Record
from daywatch.stages.workspace import StageClock
from daywatch.storage import Storage, StoredObject
from daywatch.warehouse.database import transaction
from daywatch.warehouse.history import evidence_listings

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.model import MonitoredModel
    from daywatch.window import Window


class LateWindow(Record):
    """A window to be judged again.

    Attributes:
        window: Key of the window.
        evidence_listing: Fingerprint of the listing of its evidence as it is now.
    """

    window: str
    evidence_listing: str

    @property
    def run_id(self) -> str:
        """Id of the run that judges it again, so that the same evidence is judged once."""
        return f"reevaluate__{self.window}__{self.evidence_listing}"


def late_windows(model_name: str, as_of: date, deployment: Deployment) -> list[LateWindow]:
    """Return the windows to be judged again, oldest first.

    Args:
        model_name: Name of the model.
        as_of: The last day of the windows to look at; the model's horizon says how many days before it.
        deployment: Addresses and connections of captures, labels and warehouse.

    Raises:
        ConfigurationError: The model's YAML has errors.
        InfrastructureError: The storage, the labels' database or the warehouse did not answer.
    """
    clock = StageClock("reevaluate", f"{model_name} {as_of}")
    model = find_model(model_name, deployment.models)
    horizon = model.labels.horizon if model.labels else WITHOUT_LABELS
    looked_at = model.schedule.between(as_of - timedelta(days=horizon), as_of)
    with transaction(deployment.warehouse_url) as connection:
        judged = evidence_listings(connection, model_name, looked_at.start, looked_at.end)
    storage = capture_storage(model, deployment)
    captures = storage if isinstance(storage, Database) else _ListedOnce(storage)
    labels = _ListedOnce(label_storage(model, deployment))
    late = []
    for window, stored in judged:
        listing = _listing(window, model, captures, labels, deployment)
        if listing != stored:
            late.append(LateWindow(window=window.key, evidence_listing=listing))
    clock.done(
        f"{len(judged)} windows looked at, {len(late)} have new evidence", windows=len(judged), late=len(late)
    )
    return late


def _listing(
    window: Window, model: MonitoredModel, captures: Storage, labels: Storage, deployment: Deployment
) -> str:
    """Return the listing of a window's evidence as it is now."""
    source = source_of(model)
    found = stored_as_read(source, source.objects(captures, window))
    reader = label_reader(model, LabelRequest(window, labels, deployment.connections))
    return evidence_listing(found, reader.with_fingerprints(reader.objects()) if reader else [])


class _ListedOnce(Storage):
    """A storage that lists each folder once: neighbouring windows look at the same ones."""

    def __init__(self, storage: Storage) -> None:
        """Wrap a storage."""
        super().__init__(storage.uri, storage._store, storage._secrets, storage._list_any, storage._conn_id)
        self._listed = cache(lambda prefix: tuple(storage.list(prefix)))

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yield the objects below a folder, by key."""
        yield from self._listed(prefix)
