"""Build a baseline from labelled inferences and freeze it under an id."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from daywatch.artifacts import BaselineFolder
from daywatch.config.loading.load import find_model
from daywatch.config.model.baseline import VersionBaseline
from daywatch.config.model.labels import SqlLabels
from daywatch.engine.settings import scratch_folder
from daywatch.errors import SetupError
from daywatch.ingest.captured_names import captured_names
from daywatch.ingest.data_places import capture_storage, label_storage
from daywatch.ingest.datasets.read import read_dataset
from daywatch.ingest.export import ExportedFiles, export_window
from daywatch.ingest.intake_sentences import intake_sentences
from daywatch.ingest.labels.dated import what_is_there
from daywatch.measure.sanity.findings import baseline_findings, is_refused
from daywatch.profiles.profile import Profile, profile_rows
from daywatch.results import Finding, FindingCode, Record
from daywatch.stages.freeze_baseline import OfVersion, freeze_baseline
from daywatch.stages.workspace import StageClock, check_ended
from daywatch.storage import open_storage
from daywatch.window import Window

if TYPE_CHECKING:
    from pathlib import Path

    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.model import MonitoredModel
    from daywatch.ingest.export_counts import ExportCounts
    from daywatch.storage import Storage


class BaselineFindings(Record):
    """The content of a baseline's ``findings.json``.

    Attributes:
        findings: What makes the rows useless as a baseline, empty where nothing does.
    """

    findings: tuple[Finding, ...]


def build_baseline(model_name: str, deployment: Deployment, *, accept: bool = False) -> str:
    """Read the configured days, or the data set, freeze them, and make them the baseline in use; so for each version.

    The same evidence gives the same id, and building it again changes nothing. What was read and quarantined is
    stored even if the baseline is refused.

    Args:
        model_name: Name of the model.
        deployment: Addresses and connections of captures, labels, artifacts and warehouse.
        accept: Freeze the days although windows cannot be compared with them in every respect. Each window then
            has the findings.

    Returns:
        The id of the baseline for all versions: its days, or ``dataset``, and a fingerprint of its rows.

    Raises:
        SetupError: The days are not over, or hold too few rows, or too few labelled ones, or nothing can be
            compared with them.
        InfrastructureError: The storage or the warehouse did not answer.
    """
    model = find_model(model_name, deployment.models)
    identity = _build(model, deployment, (), accept=accept)
    for one in model.baselines:
        _build(model.model_copy(update={"baseline": one}), deployment, one.versions, accept=accept)
    return identity


def build_version_baseline(model_name: str, version: str, dataset: str, deployment: Deployment) -> str:
    """Read a data set as the model's ``baseline`` says, and make it the baseline of one version.

    Args:
        model_name: Name of the model.
        version: The version, as captures name it.
        dataset: Path of the data set, or its address.
        deployment: Addresses and connections of captures, labels, artifacts and warehouse.

    Raises:
        SetupError: The model's baseline is no data set of rows, or this one is refused as a baseline.
        ValueError: The text is no path.
    """
    model = find_model(model_name, deployment.models)
    if model.baseline.dataset is None or model.baseline.is_statistics:
        msg = (
            f"The baseline of {model_name!r} is no data set of rows, so nothing says how to read {dataset!r}: name it "
            f"with its columns under 'baselines' in the YAML, with versions: [{version!r}], and build the baseline."
        )
        raise SetupError(msg)
    like = model.baseline.model_dump(exclude_unset=True, exclude={"performance_from"})
    one = VersionBaseline.model_validate(like | {"dataset": dataset, "versions": (version,)})
    return _build(model.model_copy(update={"baseline": one}), deployment, one.versions, accept=False)


def _build(model: MonitoredModel, deployment: Deployment, versions: tuple[str, ...], *, accept: bool) -> str:
    """Build one baseline: for all versions, or for some."""
    model_name = model.model
    window, dataset = model.baseline_window, model.baseline.dataset
    if dataset is None:
        check_ended(window, f"The baseline of {model_name!r}")
    clock = StageClock("baseline", f"{model_name} {dataset or window}")
    artifacts = open_storage(deployment.artifacts_uri, deployment)
    with scratch_folder(deployment.engine) as scratch:
        data, labels_in = capture_storage(model, deployment), label_storage(model, deployment)
        files = (
            export_window(window, model, data, scratch, deployment.connections, labels_in=labels_in)
            if dataset is None
            else read_dataset(model, deployment, scratch)
        )
        performance = _performance_rows(model, files, data, labels_in, scratch, deployment)
        digest = (
            hashlib.sha256(f"{files.digest}{performance.digest}".encode()).hexdigest()
            if performance
            else files.digest
        )
        baseline_id = f"{window.key if dataset is None else 'dataset'}_{digest[:12]}"
        folder = BaselineFolder(model_name, baseline_id)
        # Before anything is refused: what was read says why.
        artifacts.upload(files.quarantine, folder.quarantine)
        artifacts.write(folder.export, files.counts.model_dump_json(indent=1).encode())
        _check_evidence(files, model, folder, labels_in)
        profile = profile_rows(files.inferences, model)
        found = BaselineFindings(findings=tuple(_findings(files, model, profile, data, scratch)))
        artifacts.write(folder.findings, found.model_dump_json(indent=1).encode())
        _check_soundness(found, model, folder, files.counts, accept=accept)
        by_day = _rows_by_day(profile, window) if dataset is None else {}
        if performance:
            artifacts.upload(performance.inferences, folder.performance)
        freeze_baseline(
            files, profile, by_day, model, folder, window, artifacts, deployment, scratch, OfVersion(versions)
        )
    counts = files.counts
    clock.done(f"{counts.rows} rows, {counts.labelled} labelled, frozen as {baseline_id}")
    return baseline_id


def _performance_rows(
    model: MonitoredModel,
    files: ExportedFiles,
    data: Storage,
    labels_in: Storage,
    scratch: Path,
    deployment: Deployment,
) -> ExportedFiles | None:
    """Export the days that a data set without predictions has its performance from; None while they are not over.

    Raises:
        SetupError: They are over, and hold too few labelled rows.
    """
    days = model.baseline.performance_from
    window = model.schedule.between(days.first, days.last) if days is not None else None
    if window is None or not window.has_ended(datetime.now(UTC)):
        return None
    folder = scratch / "performance"
    folder.mkdir()
    types, connections = files.category_types, deployment.connections
    found = export_window(window, model, data, folder, connections, category_types=types, labels_in=labels_in)
    if found.counts.labelled < model.plan.minimum.labels:
        msg = (
            f"The days {window} of baseline.performance_from have {found.counts.labelled} labelled rows, expected at "
            f"least {model.plan.minimum.labels} (plan.minimum.labels): choose others, or wait for their labels."
        )
        raise SetupError("\n".join((msg, *intake_sentences(found.counts))))
    return found


def _check_evidence(
    files: ExportedFiles, model: MonitoredModel, folder: BaselineFolder, labels_in: Storage
) -> None:
    """Refuse a baseline with too few rows or labels to compare with."""
    counts, minimum = files.counts, model.plan.minimum
    days = folder.baseline_id.rpartition("_")[0]
    dataset = model.baseline.dataset
    if counts.rows < minimum.rows:
        what = "give a data set with more rows" if dataset else "choose days with captures under 'baseline'"
        if 2 * (counts.quarantined_share or 0) > 1:
            what = "correct the model's YAML or the captures, as the reasons say"
        msg = (
            f"The baseline {days} of {model.model!r} has {counts.rows} rows under {counts.source}, expected at "
            f"least {minimum.rows} (plan.minimum.rows): {what}."
        )
        raise SetupError(_with_intake(msg, counts, folder))
    if dataset and model.baseline.label is None:
        return
    if (model.labels is not None or dataset) and counts.labelled < minimum.labels:
        what = "give more of them" if dataset else "choose older days, or wait for their labels"
        if counts.labels_quarantined or counts.labels_unmatched:
            what = "correct labels or ids, as the lines below say, or choose days whose labels are known"
        msg = (
            f"The baseline {days} of {model.model!r} has {counts.labelled} labelled rows, expected at least "
            f"{minimum.labels} (plan.minimum.labels): {what}."
        )
        lines = _with_intake(msg, counts, folder)
        if (
            counts.label_folders
            and not files.label_objects
            and not isinstance(model.labels, SqlLabels | None)
        ):
            lines = f"{lines}\n{what_is_there(model.labels.prefix, labels_in)}"
        raise SetupError(lines)


def _findings(
    files: ExportedFiles, model: MonitoredModel, profile: Profile, data: Storage, scratch: Path
) -> list[Finding]:
    """Return what makes the rows useless as a baseline; a missing feature with the captures' own names."""
    found = baseline_findings(files.inferences, model, profile, scratch)
    if model.baseline.dataset is None and any(one.code is FindingCode.FEATURE_MISSING for one in found):
        names = captured_names(model, data, files.objects[:1], scratch)
        found = baseline_findings(files.inferences, model, profile, scratch, names)
    return found


def _check_soundness(
    found: BaselineFindings,
    model: MonitoredModel,
    folder: BaselineFolder,
    counts: ExportCounts,
    *,
    accept: bool,
) -> None:
    """Refuse a baseline with which windows cannot be compared, unless a person accepts it."""
    refused = [one.detail for one in found.findings if is_refused(one, model)]
    if accept or not refused:
        return
    days = folder.baseline_id.rpartition("_")[0]
    msg = (
        f"The baseline {days} of {model.model!r} says nothing about windows: {'; '.join(refused)}. Correct it, or "
        "freeze it as it is with --accept (in Airflow, the parameter 'accept'): each window will then say so."
    )
    raise SetupError(_with_intake(msg, counts, folder))


def _with_intake(refusal: str, counts: ExportCounts, folder: BaselineFolder) -> str:
    """Return a refusal with what was read, line by line, and how to see all that was quarantined."""
    lines = [refusal, *intake_sentences(counts)]
    if counts.quarantine:
        shown_by = f"daywatch quarantine --model {folder.model} --baseline {folder.baseline_id}"
        lines.append(f"All of it: `{shown_by}`")
    return "\n".join(lines)


def _rows_by_day(profile: Profile, window: Window) -> dict[str, int]:
    """Return the number of rows of each day of the baseline, also of days without rows."""
    days = [window.first + timedelta(days=n) for n in range(window.days)]
    return {day.isoformat(): profile.days.get(day.isoformat(), 0) for day in days}
