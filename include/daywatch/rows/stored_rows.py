"""Read stored inferences: artifacts of the newest revisions, in DuckDB, which sees nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daywatch.artifacts import WindowFolder
from daywatch.engine.duck import duckdb_in, identifier, seal, text
from daywatch.engine.settings import scratch_folder
from daywatch.errors import SetupError
from daywatch.rows.columns import IDS, SERVICE, START, row_columns, stored_value
from daywatch.rows.question import Question, check_question, order_of
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

_DOWNLOADS = 8


@dataclass(frozen=True)
class StoredRows:
    """The answer to a question.

    Attributes:
        columns: Names of the columns.
        rows: Values of the rows that were asked for; timestamps are text such as ``2013-02-09T10:00:00.000000Z``.
        matching: How many rows match, also those beyond the limit.
        windows: Keys of the windows that were read, oldest first.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    matching: int
    windows: tuple[str, ...]


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
    if (days.end - days.start).days > MOST_DAYS:
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
    folders = [WindowFolder(model.model, window.key, revision) for window, revision in windows]
    with scratch_folder(deployment.engine) as scratch, duckdb_in(scratch) as connection:
        files = _download(open_storage(deployment.artifacts_uri, deployment), folders, scratch)
        _provide_rows(connection, files, model)
        seal(connection.execute, [file for pair in files for file in pair])
        try:
            return _answer(connection, question, model, tuple(folder.window for folder in folders))
        except (
            duckdb.ConversionException,
            duckdb.OutOfRangeException,
            duckdb.InvalidInputException,
        ) as error:
            msg = f"where: DuckDB cannot compare a row with this: {str(error).splitlines()[0]}."
            raise ValueError(msg) from error


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
) -> None:
    """Make the view ``stored``: the listed columns, NULL where a day's file does not have one."""
    columns = row_columns(model)
    # A record may be there twice, but its inference is one row; DISTINCT ON would sort the whole day.
    days = []
    for inferences, operations in files:
        rows = f"read_parquet({text(str(inferences))})"
        found = {name for (name, *_) in connection.execute(f"DESCRIBE FROM {rows}").fetchall()}
        service = f"read_parquet({text(str(operations))})"
        there = {name for (name, *_) in connection.execute(f"DESCRIBE FROM {service}").fetchall()}
        named = [name for name in (*SERVICE, *model.kept) if name in there]
        served_once = ", ".join(f"min({identifier(name)}) AS {identifier(name)}" for name in named)
        served = [name for name in named if name not in found and name in columns]
        listed = [f"r.{identifier(name)}" if name in found else None for name in columns]
        selected = [
            one or (f"o.{identifier(name)}" if name in served else f"NULL AS {identifier(name)}")
            for name, one in zip(columns, listed, strict=True)
        ]
        days.append(f"""
            SELECT {", ".join(selected)}, source_key AS _source, source_record AS _record, row_in_record AS _row
            FROM {rows} AS r LEFT JOIN (
                SELECT {", ".join(IDS)}, {served_once} FROM {service} GROUP BY ALL
            ) AS o ON {" AND ".join(f"r.{name} IS NOT DISTINCT FROM o.{name}" for name in IDS)}
        """)
    values = ", ".join(
        f"{stored_value(name, type_, model)} AS {identifier(name)}" for name, type_ in columns.items()
    )
    start = "" if START in map(str.casefold, columns) else f", inference_time AS {START}"
    connection.execute(f"""
        CREATE VIEW stored AS
        SELECT {values}{start}, _source, _record, _row FROM ({" UNION ALL BY NAME ".join(days)})
    """)


def _answer(
    connection: duckdb.DuckDBPyConnection, question: Question, model: MonitoredModel, windows: tuple[str, ...]
) -> StoredRows:
    columns = row_columns(model)
    shown = ", ".join(
        f"strftime({identifier(name)}, '%Y-%m-%dT%H:%M:%S.%fZ')"
        if type_ == "TIMESTAMPTZ"
        else identifier(name)
        for name, type_ in columns.items()
    )
    matching = f"FROM stored WHERE (\n{question.where}\n)" if question.where.strip() else "FROM stored"
    ((number,),) = connection.execute(f"SELECT count(*) {matching}").fetchall()
    rows = connection.execute(
        f"SELECT {shown} {matching} ORDER BY {order_of(question)} LIMIT ? OFFSET ?",
        [question.limit, question.offset],
    ).fetchall()
    return StoredRows(tuple(columns), tuple(rows), number, windows)
