"""Rows frozen as a baseline: their profile, suite and calibration, and the row in the warehouse."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from daywatch.measure.calibration.calibrate import calibrate
from daywatch.measure.slices.partition import baseline_slice_rows
from daywatch.profiles.profile import Profile, profile_slices
from daywatch.validation.suggest import suggest_suite
from daywatch.warehouse import result_tables, tables
from daywatch.warehouse.database import transaction
from daywatch.warehouse.record import insert_if_new, record_model, window_key
from daywatch.warehouse.rows.profiles import profile_rows as column_profile_rows

if TYPE_CHECKING:
    from pathlib import Path

    from daywatch.artifacts import BaselineFolder
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.model import MonitoredModel
    from daywatch.ingest.export import ExportedFiles
    from daywatch.storage import Storage
    from daywatch.window import Window


class OfVersion(NamedTuple):
    """The versions that a baseline is for.

    Attributes:
        versions: The captured versions that it is for; empty for all others.
        promoted_version: The promoted version whose answers it has; None for what served at that time.
        counts_from: Start of the first window that is compared with the baseline; None for all windows.
    """

    versions: tuple[str, ...] = ()
    promoted_version: str | None = None
    counts_from: datetime | None = None


OF_NO_VERSION = OfVersion()
"""A baseline of what people configured: it counts for all windows."""


def freeze_baseline(
    files: ExportedFiles,
    profile: Profile,
    rows_by_day: Mapping[str, int],
    model: MonitoredModel,
    folder: BaselineFolder,
    window: Window,
    artifacts: Storage,
    deployment: Deployment,
    scratch: Path,
    of_version: OfVersion = OF_NO_VERSION,
) -> None:
    """Store rows as a baseline, and make it the one in use.

    Args:
        files: The rows, how they were served, and what was counted.
        profile: Profile of the rows.
        rows_by_day: Number of rows of each day; empty where there are no days.
        model: The model's configuration.
        folder: Where the baseline is stored.
        window: The days of the rows.
        artifacts: The storage of the artifacts.
        deployment: Address of the warehouse.
        scratch: Folder for temporary files.
        of_version: The version whose answers the rows have, and from when on the baseline counts.

    Raises:
        InfrastructureError: The storage or the warehouse did not answer.
    """
    slice_rows = baseline_slice_rows(files.inferences, model, scratch)
    profiles = {"": profile, **profile_slices(files.inferences, model, slice_rows, profile)}
    suite = suggest_suite(profile, model, dict(rows_by_day), files.counts.type_mismatch_shares(model))
    if model.plan.is_standard:
        calibration = calibrate(files.inferences, model, files.counts, scratch)
        artifacts.write(folder.calibration, calibration.model_dump_json(indent=1).encode())
    artifacts.upload(files.inferences, folder.inferences)
    artifacts.upload(files.operations, folder.operations)
    artifacts.write(folder.profile, profile.model_dump_json(indent=1).encode())
    artifacts.write(folder.category_types, files.category_types.model_dump_json(indent=1).encode())
    artifacts.write(folder.suite, json.dumps(suite, sort_keys=True, indent=1).encode())
    row = {
        "model": model.model,
        "baseline_id": folder.baseline_id,
        "window_start": window.start,
        "window_end": window.end,
        "rows": files.counts.rows,
        "labelled": files.counts.labelled,
        "artifacts": artifacts.address(folder.prefix),
        **of_version._asdict(),
        "versions": json.dumps(of_version.versions) if of_version.versions else None,
    }
    _store(model, window, row, profiles, deployment)


def _store(
    model: MonitoredModel,
    window: Window,
    row: dict[str, Any],
    profiles: Mapping[str, Profile],
    deployment: Deployment,
) -> None:
    """Store the baseline in one transaction, once; an older one that is built again becomes the one in use."""
    table, baseline_id = tables.baseline, row["baseline_id"]
    of_model = table.c.model == model.model
    with transaction(deployment.warehouse_url) as connection:
        record_model(connection, model)
        stored = connection.execute(
            sa.select(table.c.baseline_id, table.c.sequence, table.c.versions)
            .where(of_model)
            .order_by(table.c.sequence.desc())
        ).all()
        newest = next((one for one in stored if one.versions == row["versions"]), None)
        _store_profiles(connection, window_key(model.model, window, baseline_id), profiles)
        if newest is not None and newest.baseline_id == baseline_id:
            return
        sequence = stored[0].sequence + 1 if stored else 1
        if not insert_if_new(connection, table, {**row, "sequence": sequence}):
            same = of_model & (table.c.baseline_id == baseline_id)
            connection.execute(
                sa.update(table).where(same).values(sequence=sequence, versions=row["versions"])
            )


def _store_profiles(connection: sa.Connection, key: dict[str, Any], profiles: Mapping[str, Profile]) -> None:
    """Replace the baseline's stored profiles: another version of Daywatch may compute them differently."""
    table = result_tables.column_profile
    connection.execute(sa.delete(table).where(*(table.c[name] == value for name, value in key.items())))
    rows = column_profile_rows(profiles, of_baseline=True)
    connection.execute(sa.insert(table), [{**key, **one} for one in rows])
