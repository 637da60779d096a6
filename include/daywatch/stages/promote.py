"""The baseline of a promoted version: the held-back rows with its answers."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.artifacts import BaselineFolder, VersionFolder
from daywatch.engine.settings import scratch_folder
from daywatch.ingest.category_types import CategoryTypes
from daywatch.ingest.export import ExportedFiles
from daywatch.ingest.export_counts import read_counts
from daywatch.measure.sanity.findings import baseline_findings, is_refused
from daywatch.profiles.profile import profile_rows
from daywatch.retrain.decide import first_window_of
from daywatch.run import WindowRun
from daywatch.stages.freeze_baseline import OfVersion, freeze_baseline
from daywatch.storage import open_storage
from daywatch.warehouse.baselines import current_baseline, is_frozen
from daywatch.window import Window

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.model import MonitoredModel
    from daywatch.retrain.new_version import NewVersion
    from daywatch.storage import Storage


def promoted_baseline(
    new: NewVersion, model: MonitoredModel, window: Window, deployment: Deployment, at: datetime
) -> str:
    """Freeze the baseline of a promoted version, which counts from the first window that it can serve as a whole.

    Its rows are those held back, with the answers of the new version. How requests are served is that of the
    baseline in use, because nobody has served the new version yet. It is frozen once: a run that is tried again much
    later must not take the place of newer baselines.

    Args:
        new: The version.
        model: The model's configuration.
        window: The window that led to it.
        deployment: Addresses and connections of artifacts and warehouse.
        at: Time of the promotion.

    Returns:
        Why the rows can be no baseline, as a sentence; empty where they can, and the baseline is frozen.

    Raises:
        InfrastructureError: The storage or the warehouse did not answer.
    """
    if is_frozen(deployment.warehouse_url, model.model, new.version):
        return ""
    artifacts = open_storage(deployment.artifacts_uri, deployment)
    in_use = BaselineFolder(model.model, current_baseline(deployment.warehouse_url, model.model, window))
    folder = BaselineFolder(model.model, new.version)
    with scratch_folder(deployment.engine) as scratch:
        files = _files(new, in_use, artifacts, scratch)
        profile = profile_rows(files.inferences, model)
        refused = [
            one
            for one in baseline_findings(files.inferences, model, profile, scratch)
            if is_refused(one, model)
        ]
        if refused:
            return f"The new version is better, but its answers can be no baseline: {refused[0].detail}."
        artifacts.write(folder.export, files.counts.model_dump_json(indent=1).encode())
        artifacts.write(folder.findings, b'{"findings": []}')
        artifacts.upload(files.quarantine, folder.quarantine)
        days = new.training.held_back
        run = WindowRun(
            model=model.model,
            start=window.start.isoformat(),
            end=window.end.isoformat(),
            revision="",
            baseline_id=in_use.baseline_id,
        )
        freeze_baseline(
            files,
            profile,
            profile.days,
            model,
            folder,
            Window.between(days.first or window.first, days.last or window.last),
            artifacts,
            deployment,
            scratch,
            OfVersion((), new.version, first_window_of(run, model, at)),
        )
    return ""


def _files(new: NewVersion, in_use: BaselineFolder, artifacts: Storage, scratch: Path) -> ExportedFiles:
    """Return the held-back rows as the files of an export, with the rest as in the baseline in use."""
    names = {
        "inferences": VersionFolder(new.model, new.version).held_back,
        "quarantine": in_use.quarantine,
        "operations": in_use.operations,
    }
    for name, key in names.items():
        artifacts.download(key, scratch / f"{name}.parquet")
    rows = new.training.held_back.rows
    counts = read_counts(artifacts, in_use.export).model_copy(update={"rows": rows, "labelled": rows})
    return ExportedFiles(
        inferences=scratch / "inferences.parquet",
        quarantine=scratch / "quarantine.parquet",
        operations=scratch / "operations.parquet",
        spilled=scratch,
        counts=counts,
        category_types=CategoryTypes.model_validate_json(artifacts.read(in_use.category_types)),
        digest=new.training.fingerprint,
        evidence_listing="",
        known_until=date.fromisoformat(new.training.held_back.last) if new.training.held_back.last else None,
    )
