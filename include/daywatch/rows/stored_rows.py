"""Read stored inferences: artifacts of the newest revisions, in DuckDB, which sees nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daywatch.artifacts import WindowFolder
from daywatch.config.model.columns import Task
from daywatch.engine.duck import duckdb_in, seal, text
from daywatch.engine.settings import scratch_folder
from daywatch.errors import SetupError
from daywatch.rows.columns import row_columns
from daywatch.rows.query import DayFiles, matching, page_of, rows_of, whole_query
from daywatch.rows.question import Question, check_question
from daywatch.storage import Storage, open_storage
from daywatch.warehouse.database import transaction
from daywatch.warehouse.history import current_revisions

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.model import MonitoredModel
    from daywatch.window import Window

MOST_DAYS = 92
"""Days of one question at most, as of a span of profiles."""

MOST_CLASSES = 20
"""Classes whose predictions are counted, the most frequent ones."""

_DOWNLOADS = 8


@dataclass(frozen=True)
class StoredRows:
    """The answer to a question.

    Attributes:
        columns: Names of the columns.
        types: Their types in DuckDB.
        rows: Values of the rows that were asked for; timestamps are text such as ``2013-02-09T10:00:00.000000Z``.
        matching: How many rows match, also those beyond the limit.
        windows: Keys of the windows that were read, oldest first.
        predictions: How many matching rows are predicted as each of the most frequent classes, the most
            first; empty for a regression.
        sql: The same question for DuckDB, on the artifacts where they are stored.
    """

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    matching: int
    windows: tuple[str, ...]
    predictions: tuple[tuple[str, int], ...]
    sql: str


def stored_rows(
    model: MonitoredModel, days: Window, question: Question, deployment: Deployment
) -> StoredRows:
    """Return the rows of the judged windows within some days.

    Of windows that overlap, the shorter ones are read, so that no inference comes twice.

    Args:
        model: The model's configuration.
        days: The days.
        question: Which rows.
        deployment: Where the warehouse and the artifacts are.

    Raises:
        ValueError: The question names what is not listed, cannot be answered by DuckDB, or has too many days.
        SetupError: None of the days was judged, or the rows of one are no longer stored.
        InfrastructureError: The warehouse or the storage did not answer.
    """
    import duckdb

    check_question(question, model)
    if days.days > MOST_DAYS:
        msg = f"Expected at most {MOST_DAYS} days, but received {days}."
        raise ValueError(msg)
    with transaction(deployment.warehouse_url) as connection:
        judged = current_revisions(connection, model.model, days.end)
    windows = _without_overlap([one for one in judged if one[0].start >= days.start])
    if not windows:
        msg = (
            f"No window of {model.model!r} within {days} was judged: "
            f"`daywatch verdicts --model {model.model}` lists those that were."
        )
        raise SetupError(msg)
    artifacts = open_storage(deployment.artifacts_uri, deployment)
    folders = [WindowFolder(model.model, window.key, revision) for window, revision in windows]
    with scratch_folder(deployment.engine) as scratch, duckdb_in(scratch) as connection:
        files = _download(artifacts, folders, scratch)
        copies = _provide_rows(connection, files, model)
        seal(connection.execute, [file for pair in files for file in pair])
        try:
            rows, number, predictions = _answer(connection, question, model)
        except (
            duckdb.ConversionException,
            duckdb.OutOfRangeException,
            duckdb.InvalidInputException,
        ) as error:
            msg = f"where: DuckDB cannot compare a row with this: {str(error).splitlines()[0]}."
            raise ValueError(msg) from error
    columns = row_columns(model)
    addressed = [
        replace(
            copy, inferences=artifacts.address(one.inferences), operations=artifacts.address(one.operations)
        )
        for copy, one in zip(copies, folders, strict=True)
    ]
    return StoredRows(
        columns=tuple(columns),
        types=tuple(columns.values()),
        rows=tuple(rows),
        matching=number,
        windows=tuple(one.window for one in folders),
        predictions=predictions,
        sql=whole_query(addressed, question, model),
    )


def _without_overlap(judged: Sequence[tuple[Window, str]]) -> list[tuple[Window, str]]:
    chosen: list[tuple[Window, str]] = []
    for window, revision in sorted(judged, key=lambda one: (one[0].end - one[0].start, one[0].start)):
        if all(window.end <= other.start or other.end <= window.start for other, _ in chosen):
            chosen.append((window, revision))
    return sorted(chosen, key=lambda one: one[0].start)


def _download(artifacts: Storage, folders: Sequence[WindowFolder], scratch: Path) -> list[tuple[Path, Path]]:
    """Return local copies of the inferences and operations of each window."""

    def fetch(job: tuple[str, Path]) -> None:
        try:
            artifacts.download(*job)
        except FileNotFoundError as error:
            msg = (
                f"{artifacts.address(job[0])} is no longer stored: choose other days, or judge the window again with "
                "`daywatch run`."
            )
            raise SetupError(msg) from error

    files = [
        (scratch / f"{n}.inferences.parquet", scratch / f"{n}.operations.parquet")
        for n in range(len(folders))
    ]
    jobs = [
        job
        for folder, (inferences, operations) in zip(folders, files, strict=True)
        for job in ((folder.inferences, inferences), (folder.operations, operations))
    ]
    with ThreadPoolExecutor(_DOWNLOADS) as pool:
        list(pool.map(fetch, jobs))
    return files


def _provide_rows(
    connection: duckdb.DuckDBPyConnection, files: Sequence[tuple[Path, Path]], model: MonitoredModel
) -> list[DayFiles]:
    """Make the view ``stored``, and return the files of the days with their columns."""

    def names(file: Path) -> frozenset[str]:
        described = connection.execute(f"DESCRIBE FROM read_parquet({text(str(file))})").fetchall()
        return frozenset(name for name, *_ in described)

    days = [
        DayFiles(str(inferences), str(operations), names(inferences), names(operations))
        for inferences, operations in files
    ]
    connection.execute(f"CREATE VIEW stored AS {rows_of(days, model)}")
    return days


def _answer(
    connection: duckdb.DuckDBPyConnection, question: Question, model: MonitoredModel
) -> tuple[list[tuple[Any, ...]], int, tuple[tuple[str, int], ...]]:
    """Return the rows that were asked for, how many match, and how many are predicted as each class."""
    ((number,),) = connection.execute(f"SELECT count(*) {matching(question)}").fetchall()
    predictions = []
    if model.output.task is not Task.REGRESSION:
        predictions = connection.execute(
            f"SELECT coalesce(CAST(prediction AS VARCHAR), ''), count(*) {matching(question)} GROUP BY 1"
            f" ORDER BY 2 DESC, 1 LIMIT {MOST_CLASSES}"
        ).fetchall()
    rows = connection.execute(page_of(question, model)).fetchall()
    return rows, number, tuple(predictions)
