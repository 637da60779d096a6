"""What a window or a baseline quarantined, record by record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.artifacts import BaselineFolder, WindowFolder
from daywatch.config.base import nearest
from daywatch.config.loading.load import find_model
from daywatch.engine.settings import scratch_folder
from daywatch.errors import SetupError
from daywatch.results import Record
from daywatch.storage import open_storage
from daywatch.warehouse.database import transaction
from daywatch.warehouse.history import newest_revision

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.window import Window


class QuarantinedRecord(Record):
    """A record or label that could not be read; its texts are redacted as the model's YAML says.

    Attributes:
        kind: ``capture`` or ``label``.
        source: Address of its object.
        record: Its number in the object, 0 for the object as a whole.
        reason: The reason code.
        detail: What was found, and what was expected.
        excerpt: The start of the record.
    """

    kind: str
    source: str
    record: int
    reason: str
    detail: str
    excerpt: str


def quarantine_of_window(model: str, window: Window, deployment: Deployment) -> str:
    """Return the key of the quarantine of a window's newest revision.

    Args:
        model: Name of the model.
        window: The window.
        deployment: Where the models' files and the warehouse are.

    Raises:
        ConfigurationError: There is no such model.
        SetupError: The window was not judged.
        InfrastructureError: The warehouse did not answer.
    """
    find_model(model, deployment.models)
    with transaction(deployment.warehouse_url) as connection:
        revision = newest_revision(connection, model, window)
    if revision is None:
        msg = (
            f"The window {window} of {model!r} was not judged: run `daywatch run --model {model} --window {window}`, "
            f"or look at the captures with `daywatch check --model {model} --window {window}`."
        )
        raise SetupError(msg)
    return WindowFolder(model, window.key, revision).quarantine


def quarantine_of_baseline(model: str, baseline_id: str) -> str:
    """Return the key of the quarantine of a baseline, frozen or refused.

    Args:
        model: Name of the model.
        baseline_id: The baseline's id, as ``daywatch baseline`` prints it.
    """
    return BaselineFolder(model, baseline_id).quarantine


def quarantined_records(
    key: str, deployment: Deployment, reason: str | None = None, limit: int = 20
) -> tuple[list[QuarantinedRecord], int]:
    """Read quarantined records in the order of their file.

    Args:
        key: The key of the quarantine file.
        deployment: Where the artifacts are.
        reason: Only records with this reason code; None for all.
        limit: How many records are returned at most.

    Returns:
        The records, and how many there are in all.

    Raises:
        SetupError: There is no such file, or no record in it has this reason.
        InfrastructureError: The storage did not answer.
    """
    from daywatch.engine.duck import duckdb_in, text

    artifacts = open_storage(deployment.artifacts_uri, deployment)
    with scratch_folder(deployment.engine) as scratch, duckdb_in(scratch) as connection:
        file = scratch / "quarantine.parquet"
        try:
            artifacts.download(key, file)
        except FileNotFoundError as error:
            msg = f"There is no quarantine in {artifacts.address(key)}: check the model's name and the baseline's id."
            raise SetupError(msg) from error
        source = f"read_parquet({text(str(file))})"
        counts = dict(
            connection.execute(f"SELECT reason, count(*) FROM {source} GROUP BY 1 ORDER BY 1").fetchall()
        )
        if reason is not None and reason not in counts:
            listed = (
                ", ".join(f"{name} ({number:,})" for name, number in counts.items()) or "no reason at all"
            )
            msg = f"No record has the reason {reason!r}{nearest(reason, counts)}: there is {listed}."
            raise SetupError(msg)
        where = f"WHERE reason = {text(reason)}" if reason is not None else ""
        rows = connection.execute(f"""
            SELECT kind, source, record, reason, coalesce(detail, ''), coalesce(excerpt, '') FROM {source} {where}
            ORDER BY kind, source, record LIMIT {limit}
        """).fetchall()
    names = ("kind", "source", "record", "reason", "detail", "excerpt")
    found = [QuarantinedRecord.model_validate(dict(zip(names, row, strict=True))) for row in rows]
    return found, sum(counts.values()) if reason is None else counts[reason]
