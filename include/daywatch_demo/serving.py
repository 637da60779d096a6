"""What the demonstration's endpoint and service served: replayed from history, with the version that serves."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from daywatch.stages.fetch_version import fetch_version
from daywatch.storage import open_storage
from daywatch.warehouse.database import transaction
from daywatch.warehouse.tables import baseline

from daywatch_demo.flights.data import flights_between, utc
from daywatch_demo.monitored import FLIGHTS, NEWARK, SERVICE

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.storage import Storage
    from sklearn.pipeline import Pipeline

TRAINED_FROM, CAPTURED_FROM, CAPTURED_UNTIL, SERVED_UNTIL = (
    utc(2013, 1, 1),
    utc(2013, 1, 22),
    utc(2013, 2, 15),
    utc(2013, 3, 1),
)

_TRUSTED = ["numpy.dtype", "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"]
"""The types in a trained version that skops does not know; it builds no others."""


def replay(storage: Storage, names: Iterable[str]) -> None:
    """Train the first version, score the days, and write the captures and labels of models, each once.

    Args:
        storage: The storage of the data URI.
        names: Names of the models. The captures of ``flights`` are always written: others share them.
    """
    wanted = {FLIGHTS.name, *names}
    missing = {
        marker: write
        for name, (marker, write) in _WRITERS.items()
        if name in wanted
        if not storage.exists(marker)
    }
    if not missing:
        return
    classifier = _first_version()
    for marker, write in missing.items():
        write(classifier, storage)
        storage.write(marker, b"")


def deploy(model: str, deployment: Deployment) -> str:
    """Let the endpoint serve the promoted version of a model, as whoever deploys would, until the replay ends.

    Args:
        model: Name of the model.
        deployment: Addresses and connections of data, artifacts and warehouse.

    Returns:
        The version and since when it serves, as words.

    Raises:
        DaywatchError: The file of the version is gone or has changed, or a server did not answer.
    """
    import skops.io

    from daywatch_demo.flights.replay import write_captures

    promoted = _promoted(model, deployment)
    if promoted is None:
        return "no version was promoted, and the first one still serves"
    version, since = promoted
    with tempfile.TemporaryDirectory() as folder:
        file = fetch_version(model, version, Path(folder), deployment)
        classifier = skops.io.load(file, trusted=_TRUSTED)
    write_captures(
        flights_between(since, SERVED_UNTIL), classifier, open_storage(deployment.data_uri, deployment)
    )
    return f"{version} serves from {since:%Y-%m-%d} on"


def _promoted(model: str, deployment: Deployment) -> tuple[str, datetime] | None:
    """Return the newest promoted version of a model, and the start of the first window that it serves."""
    query = (
        sa.select(baseline.c.promoted_version, baseline.c.counts_from)
        .where(baseline.c.model == model, baseline.c.promoted_version.is_not(None))
        .order_by(baseline.c.sequence.desc())
    )
    with transaction(deployment.warehouse_url) as connection:
        found = connection.execute(query.limit(1)).first()
    return None if found is None else (found.promoted_version, found.counts_from)


def _first_version() -> Pipeline:
    from daywatch_demo.flights.classifier import fit

    history = flights_between(TRAINED_FROM, CAPTURED_FROM)
    return fit(history, history["late"])


def _endpoint(classifier: Pipeline, storage: Storage) -> None:
    from daywatch_demo.flights.replay import GROUND_TRUTH, write_captures, write_ground_truth

    flights = flights_between(CAPTURED_FROM, CAPTURED_UNTIL)
    write_captures(flights, classifier, storage)
    write_ground_truth(flights, GROUND_TRUTH, storage)


def _service(classifier: Pipeline, storage: Storage) -> None:
    from daywatch_demo.flights.transactions import log_transactions

    log_transactions(flights_between(CAPTURED_FROM, CAPTURED_UNTIL), classifier, storage)


def _changed(classifier: Pipeline, storage: Storage) -> None:
    from daywatch_demo.flights.changed import CHANGED_GROUND_TRUTH, with_changed_concept
    from daywatch_demo.flights.replay import write_captures, write_ground_truth

    write_captures(flights_between(CAPTURED_UNTIL, SERVED_UNTIL), classifier, storage)
    flights = with_changed_concept(flights_between(CAPTURED_FROM, SERVED_UNTIL))
    write_ground_truth(flights, CHANGED_GROUND_TRUTH, storage)


_WRITERS: dict[str, tuple[str, Callable[[Pipeline, Storage], None]]] = {
    FLIGHTS.name: ("flights-delay.replayed", _endpoint),
    SERVICE.name: ("flights-service.logged", _service),
    NEWARK.name: ("flights-newark.replayed", _changed),
}
"""What is written for each model, and the marker object that says that all of it is there."""
