"""The answers of a new version for the held-back rows, in the place of those of the version in production."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.engine.duck import duckdb_in, identifier, text
from daywatch.errors import TrainerError
from daywatch.formatting import plural

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from daywatch.config.model.model import MonitoredModel


def write_answered(held_back: Path, answers: Path, model: MonitoredModel, scratch: Path) -> Path:
    """Write the held-back rows with the answers of a new version, and check that there is one for each row.

    Args:
        held_back: Canonical Parquet of the held-back rows.
        answers: The trainer's Parquet: one row for each held-back row, in the same order.
        model: The model's configuration, which says what an answer is.
        scratch: Folder for the written file.

    Raises:
        TrainerError: Answers are missing, or have another type.
    """
    import duckdb

    target = scratch / "answered.parquet"
    with duckdb_in(scratch) as connection:
        try:
            names, wanted = _columns(connection, held_back, answers, model)
            replaced = ", ".join(
                f"CAST(answers.{identifier(name)} AS {names[name]}) AS {identifier(name)}" for name in wanted
            )
            rows = f"read_parquet({text(str(held_back))})"
            connection.execute(f"""
                COPY (
                    SELECT rows.* REPLACE ({replaced})
                    FROM {rows} AS rows POSITIONAL JOIN read_parquet({text(str(answers))}) AS answers
                ) TO {text(str(target))} (FORMAT parquet)
            """)
            missing = connection.execute(
                f"SELECT count(*) FROM read_parquet({text(str(target))}) WHERE "
                + " OR ".join(f"{identifier(name)} IS NULL" for name in wanted)
            ).fetchone()
        except duckdb.Error as error:
            msg = f"The trainer's answers cannot be used: {str(error).splitlines()[0]}."
            raise TrainerError(msg) from error
    if missing and missing[0]:
        msg = (
            f"The trainer's answers have no value in {plural(missing[0], 'row')}: expected one for each row."
        )
        raise TrainerError(msg)
    return target


def _columns(
    connection: duckdb.DuckDBPyConnection, held_back: Path, answers: Path, model: MonitoredModel
) -> tuple[dict[str, str], list[str]]:
    """Return the types of the held-back columns, and the names of those that an answer has.

    Raises:
        TrainerError: Columns are missing, or the number of rows is another one.
    """
    described, counts = [], []
    for path in (held_back, answers):
        source = f"read_parquet({text(str(path))})"
        found = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        described.append({row[0]: row[1] for row in found})
        counts.append((connection.execute(f"SELECT count(*) FROM {source}").fetchone() or (0,))[0])
    wanted = [
        "prediction",
        *(["probability"] if model.output.has_probability else []),
        *(["probabilities"] if "probabilities" in described[0] else []),
    ]
    absent = [name for name in wanted if name not in described[1]]
    if absent:
        msg = f"The trainer's answers have no column {', '.join(absent)}: expected {', '.join(wanted)}."
        raise TrainerError(msg)
    if counts[0] != counts[1]:
        msg = f"The trainer's answers are {counts[1]:,}, expected one for each of the {counts[0]:,} held-back rows."
        raise TrainerError(msg)
    return described[0], wanted
