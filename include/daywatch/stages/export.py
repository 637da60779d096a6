"""The stage ``export``: a window's captures and labels, stored in the folder of its revision."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from shutil import rmtree
from typing import TYPE_CHECKING

from daywatch.artifacts import BaselineFolder
from daywatch.config.loading.load import find_model
from daywatch.engine.settings import scratch_folder
from daywatch.errors import SetupError
from daywatch.formatting import plural
from daywatch.ingest.category_types import CategoryTypes, check_declared
from daywatch.ingest.data_places import capture_storage, label_storage
from daywatch.ingest.export import export_window
from daywatch.ingest.served_versions import served_versions
from daywatch.revision import revision_of
from daywatch.run import StageRun, WindowRun
from daywatch.stages.workspace import StageClock, check_ended
from daywatch.storage import open_storage
from daywatch.validation.fingerprint import fingerprint
from daywatch.validation.in_force import suite_in_force
from daywatch.warehouse.baselines import current_baseline, version_baselines

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.model import MonitoredModel
    from daywatch.ingest.export_counts import ExportCounts
    from daywatch.stages.workspace import Fetched
    from daywatch.storage import Storage
    from daywatch.window import Window


def _of_baseline(artifacts: Storage, folder: BaselineFolder, key: str) -> bytes:
    """Read a file of the baseline; the warehouse may have a baseline whose files somebody deleted."""
    try:
        return artifacts.read(key)
    except FileNotFoundError as error:
        msg = (
            f"The baseline {folder.baseline_id} of {folder.model!r} is not whole in "
            f"{artifacts.address(folder.prefix)}, {key.rpartition('/')[2]} is not there: run the DAG "
            f"baseline__{folder.model} or `daywatch baseline --model {folder.model}` to write it again."
        )
        raise SetupError(msg) from error


def _category_types(artifacts: Storage, model: MonitoredModel, baseline_id: str) -> CategoryTypes:
    """Read what the categories and classes of a baseline are."""
    folder = BaselineFolder(model.model, baseline_id)
    types = CategoryTypes.model_validate_json(_of_baseline(artifacts, folder, folder.category_types))
    check_declared(types, model, baseline_id)
    return types


@dataclass(frozen=True)
class ExportInProgress:
    """An export whose large files are still being uploaded.

    Attributes:
        run: What the next stages need to find the window.
        local: Local copies of the large files by key; they exist while the block runs.
        stage_run: Seconds and counts of this stage, once all files are stored.
    """

    run: WindowRun
    local: Fetched
    stage_run: Future[StageRun]


def export(
    model_name: str, window: Window, deployment: Deployment, known_on: date | None = None
) -> tuple[WindowRun, StageRun]:
    """Read a window's captures and labels, and store them.

    Its arguments and errors are those of ``export_in_progress``.

    Returns:
        What the next stages need to find the window, and this stage's seconds and counts.
    """
    with export_in_progress(model_name, window, deployment, known_on) as begun:
        return begun.run, begun.stage_run.result()


@contextmanager
def export_in_progress(
    model_name: str, window: Window, deployment: Deployment, known_on: date | None = None
) -> Iterator[ExportInProgress]:
    """Read a window's captures and labels, and store them while the block works on the local files.

    The small files, which say what was read, are stored before the block begins; the rows by its end.

    Args:
        model_name: Name of the model.
        window: The interval to export.
        deployment: Addresses and connections of captures, labels, artifacts and warehouse.
        known_on: Judge as it was known on this day: captures and labels of later days are not read.

    Raises:
        ConfigurationError: The model's YAML, its known answers or its edited suite have errors.
        SetupError: The window is not over, or the model has no baseline, or its files are gone.
        InfrastructureError: The storage or the warehouse did not answer.
    """
    clock = StageClock("export", f"{model_name} {window}")
    model = find_model(model_name, deployment.models)
    check_ended(window, "The day")
    artifacts = open_storage(deployment.artifacts_uri, deployment)
    baseline_id = current_baseline(deployment.warehouse_url, model_name, window)
    types = _category_types(artifacts, model, baseline_id)
    with scratch_folder(deployment.engine) as scratch, ThreadPoolExecutor(2, "daywatch-store") as pool:
        read = partial(
            export_window,
            window,
            model,
            capture_storage(model, deployment),
            connections=deployment.connections,
            known_on=known_on,
            labels_in=label_storage(model, deployment),
        )
        files = read(scratch=scratch, category_types=types)
        served = served_versions(files.operations, scratch) if model.baselines else {}
        own = version_baselines(deployment.warehouse_url, model_name) if served else {}
        own = {version: own[version] for version in served if version in own}
        if (most := next(iter(served), "")) in own:
            baseline_id = own[most]
            of_version = _category_types(artifacts, model, baseline_id)
            if of_version != types:  # its classes or categories are spelled in another way
                rmtree(files.spilled)
                files = read(scratch=scratch, category_types=of_version)
        baseline = BaselineFolder(model_name, baseline_id)
        suite = suite_in_force(
            json.loads(_of_baseline(artifacts, baseline, baseline.suite)), model, deployment
        )
        # The removal may take as long as the upload, which does not use the disk.
        discarded = pool.submit(rmtree, files.spilled)
        counts = files.counts
        counts = counts.model_copy(update={"versions": served, "version_baselines": own})
        run = WindowRun(
            model=model_name,
            start=window.start.isoformat(),
            end=window.end.isoformat(),
            revision=revision_of(model, f"{files.digest}{own or ''}", baseline_id, fingerprint(suite)),
            baseline_id=baseline_id,
            version_baselines=own,
            evidence_listing=files.evidence_listing,
            known_until=files.known_until.isoformat() if files.known_until else "",
        )
        artifacts.write(run.folder.suite, json.dumps(suite, sort_keys=True, indent=1).encode())
        artifacts.write(run.folder.export, counts.model_dump_json(indent=1).encode())

        def store() -> StageRun:
            artifacts.upload(files.inferences, run.folder.inferences)
            artifacts.upload(files.quarantine, run.folder.quarantine)
            artifacts.upload(files.operations, run.folder.operations)
            discarded.result()
            return _stage_run(clock, counts, run)

        local = {run.folder.inferences: files.inferences, run.folder.operations: files.operations}
        yield ExportInProgress(run, local, pool.submit(store))


def _stage_run(clock: StageClock, counts: ExportCounts, run: WindowRun) -> StageRun:
    """Stop the clock with what was read."""
    sentence = (
        f"{plural(counts.records, 'record')} of {plural(counts.objects, 'object')}, {plural(counts.rows, 'row')}, "
        f"{counts.labelled:,} labelled, {plural(counts.quarantined, 'record')} and "
        f"{plural(counts.rows_quarantined, 'row')} quarantined, "
        f"{counts.unanswered} unanswered, {counts.filtered} filtered, revision {run.revision}"
    )
    numbers = {
        "objects": counts.objects,
        "bytes": counts.bytes,
        "records": counts.records,
        "rows": counts.rows,
    }
    return clock.done(sentence, **numbers)
