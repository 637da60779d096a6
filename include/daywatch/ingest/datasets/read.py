"""A data set to the canonical Parquet of a baseline: typed and redacted as captures are, with its labels."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from daywatch.config.model.capture import Payload, PlainTable, Selection
from daywatch.config.model.columns import ColumnType, Feature, Task
from daywatch.engine.duck import duckdb_in, identifier, text
from daywatch.errors import SetupError
from daywatch.formatting import plural
from daywatch.ingest.category_types import classes_of, spelled
from daywatch.ingest.data_places import dataset_storage
from daywatch.ingest.datasets.columns import LABEL
from daywatch.ingest.datasets.source import DatasetSource
from daywatch.ingest.export import ExportedFiles, export_window
from daywatch.ingest.labels.mapped import mapped_label
from daywatch.text import shown

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.model import MonitoredModel

_MOSTLY = 0.5
"""From this share of values that do not fit a column's type on, the column is of another type."""


class _DatasetTable(PlainTable):
    """A data set as a table; without predictions it has requests alone."""

    has_answers: bool

    @property
    def payload(self) -> Payload:
        """The layout of the rows."""
        return Payload(parts="both" if self.has_answers else "request")


def read_dataset(model: MonitoredModel, deployment: Deployment, scratch: Path) -> ExportedFiles:
    """Read a model's data set and write the files that an export of captures has.

    Its rows have no time. Values, classes and missing values are read as those of captures; rows that do not fit go
    to quarantine.

    Args:
        model: The model, whose baseline is a data set.
        deployment: Addresses and connections.
        scratch: Existing local folder for the files.

    Raises:
        SetupError: There is no such data set, or it lacks a column, or has none of the right type, or no rows, or
            labels of one class only.
        InfrastructureError: The storage did not answer.
    """
    storage, path = dataset_storage(model, deployment)
    derived = _derived(model)
    files = export_window(
        model.baseline_window,
        derived,
        storage,
        scratch,
        deployment.connections,
        source=DatasetSource(model, path),
    )
    address = storage.address(path)
    _check_rows(files, derived, address)
    return _with_labels(files, model, scratch, address)


def _derived(model: MonitoredModel) -> MonitoredModel:
    """Return the model as a table has it, with the label as one more feature."""
    baseline = model.baseline
    # What is kept of captures, a data set does not have: the columns are there, and empty.
    keep = model.capture.keep if isinstance(model.capture, Selection) else {}
    capture = _DatasetTable(source="table", prefix="dataset", has_answers=bool(baseline.answers), keep=keep)
    label = Feature(name=LABEL, type=model.output.answer_type, missing_values=model.output.missing_values)
    features = (*model.features, label) if baseline.label is not None else model.features
    return model.model_copy(update={"capture": capture, "labels": None, "features": features})


def _check_rows(files: ExportedFiles, derived: MonitoredModel, address: str) -> None:
    """Refuse a data set without rows, or with a column of another type."""
    counts = files.counts
    if not counts.records:
        msg = f"The data set {address} is empty: expected rows."
        raise SetupError(msg)
    types = {one.name: one.type for one in derived.features}
    for name, count in counts.type_mismatches.items():
        if count > _MOSTLY * counts.rows_read:
            about = [one for one in counts.quarantine if name in one.columns]
            example = f", such as {shown(about[0].detail)}" if about else ""
            kind = f"a {types[name]}" if name in types else "a number"
            msg = (
                f"The data set {address} has another type in {shown(name)}: expected {kind}, but "
                f"{count:,} of {plural(counts.rows_read, 'value')} are none{example}. Correct the type in the model's "
                "YAML, or the data set."
            )
            raise SetupError(msg)


def _with_labels(files: ExportedFiles, model: MonitoredModel, scratch: Path, address: str) -> ExportedFiles:
    """Return the files with the labels where canonical Parquet has them, in the spelling of the classes."""
    target = scratch / "dataset.parquet"
    source = f"read_parquet({text(str(files.inferences))})"
    labelled = model.baseline.label is not None
    label = identifier(LABEL) if labelled else f"NULL::{model.output.answer_type.sql_type}"
    if labelled and model.labels is not None and model.labels.map:
        label = mapped_label(label, model)
    with duckdb_in(scratch) as connection:
        types = files.category_types
        if model.output.answer_type is ColumnType.CATEGORY:
            values = f"SELECT prediction AS value FROM {source} UNION ALL SELECT {label} FROM {source}"
            classes = classes_of(connection, model, values)
            features = {name: kind for name, kind in types.features.items() if name != LABEL}
            types = types.model_copy(update={"classes": classes, "features": features})
        hidden = f"EXCLUDE ({identifier(LABEL)})" if labelled else ""
        group = connection.execute(
            f"SELECT max(row_group_num_rows) FROM parquet_metadata({text(str(files.inferences))})"
        ).fetchone()
        rows = (group[0] if group else None) or 1
        connection.execute(f"""
            COPY (
                SELECT * {hidden} REPLACE (NULL::TIMESTAMPTZ AS inference_time,
                    {spelled("prediction", "prediction", types, model)} AS prediction,
                    {spelled(label, "label", types, model)} AS label)
                FROM {source}
            ) TO {text(str(target))} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE {rows})
        """)
        # How and when its rows were served, nobody knows.
        operations = scratch / "no_operations.parquet"
        none = f"SELECT * FROM read_parquet({text(str(files.operations))}) LIMIT 0"
        connection.execute(f"COPY ({none}) TO {text(str(operations))} (FORMAT parquet)")
        known = _check_labels(connection, target, model, address) if labelled else 0
    counts = files.counts.model_copy(update={"labelled": known})
    digest = hashlib.sha256()
    for path in (target, files.quarantine):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    digest.update(counts.model_dump_json().encode())
    digest.update(types.model_dump_json().encode())
    return replace(
        files,
        inferences=target,
        operations=operations,
        counts=counts,
        category_types=types,
        digest=digest.hexdigest(),
    )


def _check_labels(
    connection: duckdb.DuckDBPyConnection, rows: Path, model: MonitoredModel, address: str
) -> int:
    """Return the number of labels; refuse labels that are all the same, which no model learns from."""
    found = connection.execute(
        f"SELECT count(label), count(DISTINCT label), CAST(min(label) AS VARCHAR) FROM read_parquet({text(str(rows))})"
    ).fetchone() or (0, 0, "")
    known, distinct, least = found
    if distinct < 2:
        what = "class" if model.output.task is not Task.REGRESSION else "value"
        all_are = f"all {known:,} labels are {shown(str(least))!r}" if known else "no row has a label"
        msg = f"The data set {address} has no labels of more than one {what}: {all_are}. Check 'baseline.label'."
        raise SetupError(msg)
    return int(known)
