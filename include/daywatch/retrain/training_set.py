"""The labelled inferences of the baseline and of judged windows, those held back apart from those to train on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daywatch.artifacts import BaselineFolder, WindowFolder
from daywatch.engine.duck import duckdb_in, identifier, text
from daywatch.errors import SetupError
from daywatch.results import Record
from daywatch.retrain.windows import ChosenWindows, LeftOut, chosen_windows
from daywatch.storage import open_storage
from daywatch.validation.cases import KnownAnswer, read_known_answers
from daywatch.warehouse.baselines import newest_baseline
from daywatch.warehouse.database import transaction

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.model import MonitoredModel
    from daywatch.storage import Storage
    from daywatch.window import Window

_FILE = "file\n"
"""Column with the file that a row was read from; no feature's name has a line break."""

# Rows of a data set have no time: the model was trained on them, so they come first.
_BY_TIME = "ORDER BY inference_time NULLS FIRST, event_id, row_in_record"

_FINGERPRINT = 16
"""Hexadecimal digits of a fingerprint."""


class Part(Record):
    """Rows of a training set.

    Attributes:
        rows: Their number.
        first: The day of the first of them, as an ISO date; None for rows without a time.
        last: The day of the last one.
    """

    rows: int
    first: str | None
    last: str | None


class TrainingRecord(Record):
    """What a version was trained and evaluated on, as stored with it.

    Attributes:
        mode: ``expanding`` or ``sliding``.
        fingerprint: Fingerprint of the rows, 16 hexadecimal digits.
        training: The rows to train on.
        held_back: The rows to evaluate on.
        held_back_windows: The windows of these rows.
        left_out: The windows that were left out, and why.
        known_answers: Number of requests with known answers that were left out.
        own_decisions: Share of the rows to train on whose label the model's own decision may have caused.
    """

    mode: str
    fingerprint: str
    training: Part
    held_back: Part
    held_back_windows: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    known_answers: int
    own_decisions: float = 0.0


@dataclass(frozen=True)
class TrainingSet:
    """Labelled inferences, split by windows.

    Attributes:
        training: Parquet of the rows to train on.
        held_back: Parquet of the rows to evaluate on; they are of the last windows.
        requests: The same rows without their labels, for the trainer.
        record: What is stored about both.
    """

    training: Path
    held_back: Path
    requests: Path
    record: TrainingRecord


def collect(model: MonitoredModel, until: Window, deployment: Deployment, scratch: Path) -> TrainingSet:
    """Write the labelled inferences up to a window: those held back, and those to train on.

    An inference that is in two files is used once, and is never trained on if it is held back.

    Args:
        model: The model's configuration, whose ``retraining`` says which rows are used.
        until: The last window whose inferences are used.
        deployment: Addresses and connections of artifacts and warehouse.
        scratch: Folder for the downloaded and the written files.

    Raises:
        SetupError: There is nothing to train on, or nothing to hold back.
        ConfigurationError: The file of known answers has errors.
        InfrastructureError: The storage or the warehouse did not answer.
    """
    settings = model.retraining
    if settings is None:
        msg = f"The model {model.model!r} has no trainer: add 'retraining' to its YAML."
        raise SetupError(msg)
    with transaction(deployment.warehouse_url) as connection:
        baseline_id = newest_baseline(connection, model.model, until)
        chosen = chosen_windows(connection, model.model, settings, until, model.schedule.zone)
    artifacts = open_storage(deployment.artifacts_uri, deployment)
    # Those held back come first: of an inference that is in two files, the first one counts.
    keys = [
        WindowFolder(model.model, window.key, revision).inferences
        for window, revision in (*chosen.held_back, *chosen.training)
    ]
    keys += [BaselineFolder(model.model, baseline_id).inferences] if baseline_id else []
    held = len(chosen.held_back)
    files = _download(keys, artifacts, scratch)
    known = read_known_answers(model, deployment.models)
    with duckdb_in(scratch) as connection:
        parts, canaries = _write(connection, files, held, chosen, known, scratch)
    for name, part, what in (("held_back", parts[0], "hold back"), ("training", parts[1], "train on")):
        if not part.rows:
            raise _nothing(model.model, until, chosen, what, name)
    held_back, training = scratch / "held_back.parquet", scratch / "training.parquet"
    record = TrainingRecord(
        mode=settings.mode.value,
        fingerprint=_fingerprint((training, held_back)),
        training=parts[1],
        held_back=parts[0],
        held_back_windows=tuple(window.key for window, _ in chosen.held_back),
        left_out=chosen.left_out,
        known_answers=canaries,
        own_decisions=_own_decisions(model, training, parts[1].rows, scratch),
    )
    return TrainingSet(training, held_back, scratch / "requests.parquet", record)


def _download(keys: Sequence[str], artifacts: Storage, scratch: Path) -> list[Path]:
    files = []
    for number, key in enumerate(keys):
        path = scratch / f"{number:05}.parquet"
        artifacts.download(key, path)
        files.append(path)
    return files


def _write(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[Path],
    held: int,
    chosen: ChosenWindows,
    known: Iterable[KnownAnswer],
    scratch: Path,
) -> tuple[tuple[Part, Part], int]:
    """Write the held-back rows and those to train on; return both, and the number of known answers left out."""
    nothing = Part(rows=0, first=None, last=None)
    if not held:
        return (nothing, nothing), 0
    paths = ", ".join(text(str(path)) for path in files)
    last_held = text(str(files[held - 1]))
    connection.execute(f"""
        CREATE TABLE labelled AS
        SELECT * FROM read_parquet([{paths}], union_by_name = true, filename = {text(_FILE)})
        WHERE label IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY event_id, row_in_record ORDER BY {identifier(_FILE)}) = 1
    """)
    canaries = sum(_remove(connection, case) for case in known)
    since = ""
    if chosen.since is not None:
        since = f"AND inference_time >= TIMESTAMPTZ {text(chosen.since.isoformat())}"
    parts = []
    for name, condition in (
        ("held_back", f"{identifier(_FILE)} <= {last_held}"),
        ("training", f"{identifier(_FILE)} > {last_held} {since}"),
    ):
        rows = f"FROM labelled WHERE {condition}"
        query = f"SELECT * EXCLUDE ({identifier(_FILE)}) {rows} {_BY_TIME}"
        target = text(str(scratch / f"{name}.parquet"))
        connection.execute(f"COPY ({query}) TO {target} (FORMAT parquet)")
        days = "CAST(CAST({}(inference_time) AT TIME ZONE 'UTC' AS DATE) AS VARCHAR)"
        found = connection.execute(f"SELECT count(*), {days.format('min')}, {days.format('max')} {rows}")
        count, first, last = found.fetchone() or (0, None, None)
        parts.append(Part(rows=count, first=first, last=last))
    held_back, requests = (text(str(scratch / f"{name}.parquet")) for name in ("held_back", "requests"))
    query = f"SELECT * EXCLUDE (label) FROM read_parquet({held_back})"
    connection.execute(f"COPY ({query}) TO {requests} (FORMAT parquet)")
    return (parts[0], parts[1]), canaries


def _remove(connection: duckdb.DuckDBPyConnection, case: KnownAnswer) -> int:
    """Remove the requests of a known answer, which a team sends on purpose; return their number."""
    same = " AND ".join(f"{identifier(name)} IS NOT DISTINCT FROM ?" for name in case.features)
    values: list[Any] = list(case.features.values())
    found = connection.execute(f"DELETE FROM labelled WHERE {same}", values).fetchone()
    return int(found[0]) if found else 0


def _own_decisions(model: MonitoredModel, training: Path, rows: int, scratch: Path) -> float:
    """Return the share of rows whose label the model's own decision may have caused."""
    labels = model.labels
    if labels is None or not labels.depends_on_prediction:
        return 0.0
    if labels.exploration is None:
        return 1.0
    explored = f"TRY_CAST({identifier(labels.exploration)} AS BOOLEAN)"
    with duckdb_in(scratch) as connection:
        query = f"SELECT count(*) FILTER ({explored}) FROM read_parquet({text(str(training))})"
        found = connection.execute(query).fetchone()
    return 1 - (found[0] if found else 0) / rows


def _fingerprint(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:_FINGERPRINT]


def _nothing(model: str, until: Window, chosen: ChosenWindows, what: str, name: str) -> SetupError:
    left_out = "; ".join(f"{one.window}: {one.reason}" for one in chosen.left_out[-3:])
    why = f" Left out were {left_out}." if left_out else ""
    return SetupError(
        f"The model {model!r} has no labelled inferences to {what} up to {until}: judge more windows, or change "
        f"'retraining' ({'held_back_windows' if name == 'training' else 'labels'}).{why}"
    )
