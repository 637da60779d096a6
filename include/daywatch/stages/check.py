"""A look at what a model's configuration finds: connections, captures, labels, columns, classes, first rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from daywatch.config.base import nearest
from daywatch.config.loading.load import find_model
from daywatch.config.model.labels import SqlLabels
from daywatch.engine.budget import CHECKED_BYTES, CHECKED_OBJECTS
from daywatch.engine.duck import duckdb_in, identifier, text
from daywatch.engine.settings import scratch_folder
from daywatch.errors import DaywatchError, InfrastructureError
from daywatch.formatting import count, percent, plural
from daywatch.ingest.captured_names import captured_names, compare_names
from daywatch.ingest.captures.registry import source_of
from daywatch.ingest.data_places import capture_storage, label_storage
from daywatch.ingest.datasets.read import read_dataset
from daywatch.ingest.export import ExportedFiles, export_window
from daywatch.ingest.intake_sentences import intake_sentences
from daywatch.ingest.labels.dated import what_is_there
from daywatch.ingest.labels.source import Sample
from daywatch.measure.sanity.findings import baseline_findings, is_refused
from daywatch.profiles.profile import profile_rows
from daywatch.results import Record
from daywatch.storage import open_storage
from daywatch.text import shown
from daywatch.warehouse.baselines import newest_baseline
from daywatch.warehouse.database import transaction
from daywatch.window import Window

if TYPE_CHECKING:
    from pathlib import Path

    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.model import MonitoredModel

SAMPLE = Sample(CHECKED_OBJECTS, CHECKED_BYTES)
_ROWS = 3
_LISTED = 30


class Line(Record):
    """One line of what a check saw.

    Attributes:
        text: The sentence.
        problem: Whether something has to be corrected.
        unreachable: Whether a server did not answer, so that a later check may see more.
    """

    text: str
    problem: bool = False
    unreachable: bool = False


def check_model(model_name: str, window: Window | None, deployment: Deployment) -> Iterator[Line]:
    """Read a bounded sample of what a model's configuration names, and yield what was seen, line by line.

    Args:
        model_name: Name of the model.
        window: A window to look at, next to the last day of the baseline; None for the baseline alone.
        deployment: Addresses and connections of captures, labels, artifacts, warehouse and mail server.

    Raises:
        ConfigurationError: There is no such model, or its YAML has errors.
    """
    model = find_model(model_name, deployment.models)
    yield from _connections(model, deployment)
    if model.baseline.dataset is not None:
        yield Line(text=f"baseline {model.baseline.dataset}")
        yield from _seen(partial(_dataset, model, deployment))
    last = model.schedule.between(model.baseline.last, model.baseline.last) if model.baseline.last else None
    for title, one in (("baseline", last), ("window", window)):
        if one is not None:
            yield Line(text=f"{title} {one}")
            yield from _seen(partial(_sample, one, model, deployment))


def _seen(look: Callable[[], Iterator[Line]]) -> Iterator[Line]:
    """Yield what a look sees; where it fails, its error is the last line."""
    try:
        yield from look()
    except DaywatchError as error:
        yield Line(text=str(error), problem=True, unreachable=isinstance(error, InfrastructureError))


def _connections(model: MonitoredModel, deployment: Deployment) -> Iterator[Line]:
    def storages() -> Iterator[Line]:
        opened = {
            "captures": capture_storage(model, deployment),
            "labels": label_storage(model, deployment),
            "artifacts": open_storage(deployment.artifacts_uri, deployment),
        }
        for title, storage in opened.items():
            storage.find("daywatch-check")
            yield Line(text=f"{title}: {storage.uri} answers")

    def warehouse() -> Iterator[Line]:
        with transaction(deployment.warehouse_url) as connection:
            found = newest_baseline(connection, model.model)
        yield Line(text=f"warehouse: answers, {f'baseline {found}' if found else 'no baseline yet'}")

    def mail() -> Iterator[Line]:
        from daywatch.notify.smtp import reach_server, sender_address

        if deployment.smtp is None:
            yield Line(text="mail: no connection, no mail is sent")
        else:
            reach_server(deployment.smtp)
            yield Line(text=f"mail: the server answers, mails come from {sender_address(deployment.smtp)}")

    for look in (storages, warehouse, mail):
        yield from _seen(look)


def _dataset(model: MonitoredModel, deployment: Deployment) -> Iterator[Line]:
    """Read the data set of the baseline; whole, because each of its files needs the columns."""
    with scratch_folder(deployment.engine) as scratch:
        files = read_dataset(model, deployment, scratch)
        counts = files.counts
        yield Line(text=f"  {plural(counts.objects, 'file')} in {counts.source}")
        for n, sentence in enumerate(intake_sentences(counts)):
            yield Line(text=f"  {sentence}", problem=bool(counts.quarantine) and n > 1)
        if counts.rows:
            yield from _evidence(files, model, scratch, ())
            yield from _first_rows(files.inferences, scratch)


def _sample(window: Window, model: MonitoredModel, deployment: Deployment) -> Iterator[Line]:
    storage, labels_in = capture_storage(model, deployment), label_storage(model, deployment)
    objects = source_of(model).objects(storage, window)
    own = [one for one in objects if one.in_window(window)]
    read = SAMPLE.of([(one, one.stored.size) for one in own])
    folder = storage.address(source_of(model).folder)
    some = f", of which {len(read)} are read" if len(read) < len(own) else ""
    yield Line(text=f"  {plural(len(own), 'object')} under {folder}{some}", problem=not own)
    if not own:
        return
    with scratch_folder(deployment.engine) as scratch:
        files = export_window(
            window, model, storage, scratch, deployment.connections, sample=SAMPLE, labels_in=labels_in
        )
        bad = bool(files.counts.quarantine)
        unlabelled = model.labels is not None and not files.counts.labelled
        for n, sentence in enumerate(intake_sentences(files.counts)):
            yield Line(text=f"  {sentence}", problem=(bad and n > 1) or (unlabelled and n == 1))
        no_files = files.counts.label_folders and not files.label_objects
        if no_files and not isinstance(model.labels, SqlLabels | None):
            yield Line(text=f"  {what_is_there(model.labels.prefix, labels_in)}", problem=True)
        if files.counts.labelled:
            matched = percent(files.counts.labelled / files.counts.rows)
            yield Line(text=f"  {matched} of the rows have a label")
        names = captured_names(model, storage, read, scratch)
        yield from _columns(names, model)
        if files.counts.rows:
            yield from _evidence(files, model, scratch, names)
            yield from _first_rows(files.inferences, scratch)


def _columns(names: tuple[str, ...], model: MonitoredModel) -> Iterator[Line]:
    if not names:
        return
    extra, absent = compare_names(names, model)
    listed = ", ".join(map(shown, names[:_LISTED]))
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    yield Line(text=f"  the captures name {listed}{more}")
    if extra:
        yield Line(text=f"  found and not configured: {', '.join(map(shown, extra[:_LISTED]))}")
    for name in absent[:_LISTED]:
        yield Line(text=f"  configured and not found: {name}{nearest(name, extra or names)}", problem=True)


def _evidence(
    files: ExportedFiles, model: MonitoredModel, scratch: Path, names: tuple[str, ...]
) -> Iterator[Line]:
    """Yield the classes of both sides, and what would make these rows useless as a baseline."""
    with duckdb_in(scratch) as connection:
        rows = f"read_parquet({text(str(files.inferences))})"
        for column in ("prediction", "label"):
            if column == "label" and model.labels is None:
                continue
            (filled, distinct, least, most) = connection.execute(
                f"SELECT count({column}), count(DISTINCT {column}), min({column}), max({column}) FROM {rows}"
            ).fetchone() or (0, 0, None, None)
            frequent = connection.execute(
                f"SELECT CAST({column} AS VARCHAR), count(*) FROM {rows} WHERE {column} IS NOT NULL "
                "GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 5"
            ).fetchall()
            listed = ", ".join(f"'{shown(value)}' ({count(number)})" for value, number in frequent)
            between = f", from {least} to {most}" if isinstance(least, float) else ""
            yield Line(
                text=f"  {column}: {plural(filled, 'value')}, {distinct} different{between}: {listed or 'none'}"
            )
    for finding in baseline_findings(
        files.inferences, model, profile_rows(files.inferences, model), scratch, names
    ):
        yield Line(text=f"  {finding.detail}", problem=is_refused(finding, model))


def _first_rows(inferences: Path, scratch: Path) -> Iterator[Line]:
    """Yield the first values of each column, with the column's type in canonical Parquet."""
    with duckdb_in(scratch) as connection:
        rows = f"read_parquet({text(str(inferences))})"
        columns = connection.execute(f"DESCRIBE FROM {rows}").fetchall()
        hidden = ("source_key", "source_record", "row_in_record")
        for name, kind, *_ in columns:
            if name in hidden:
                continue
            values = connection.execute(
                f"SELECT CAST({identifier(name)} AS VARCHAR) FROM {rows} LIMIT {_ROWS}"
            ).fetchall()
            listed = ", ".join("missing" if value is None else shown(value) for (value,) in values)
            yield Line(text=f"  {shown(name)} {kind}: {listed}")
