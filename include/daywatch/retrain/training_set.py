"""The labelled inferences so far: the baseline's and those of all judged windows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.artifacts import BaselineFolder, WindowFolder
from daywatch.engine.duck import duckdb_in, identifier, text
from daywatch.errors import SetupError
from daywatch.storage import open_storage
from daywatch.warehouse.baselines import newest_baseline
from daywatch.warehouse.database import transaction
from daywatch.warehouse.history import current_revisions

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.window import Window

HELD_BACK = 0.2
"""Share of the rows on which a new version is evaluated; the latest ones."""

_FILE = "file\n"
"""Column with the file that a row was read from; no feature's name has a line break."""

# Rows of a data set have no time: the model was trained on them, so they come first.
_BY_TIME = "ORDER BY inference_time NULLS FIRST, event_id, row_in_record"


@dataclass(frozen=True)
class TrainingSet:
    """Labelled inferences, split by time.

    Attributes:
        training: Parquet of the earlier rows.
        held_back: Parquet of the later rows.
        rows: Number of rows in both.
        held_back_rows: Number of rows held back.
    """

    training: Path
    held_back: Path
    rows: int
    held_back_rows: int


def collect(model: str, until: Window, deployment: Deployment, scratch: Path) -> TrainingSet:
    """Write the labelled inferences of baseline and judged windows up to a window, split by time.

    An inference that is in two files is used once, such as one of a window inside the baseline.

    Args:
        model: Name of the model.
        until: The last window whose inferences are used.
        deployment: Addresses and connections of artifacts and warehouse.
        scratch: Folder for the downloaded and the written files.

    Raises:
        SetupError: There are none.
        InfrastructureError: The storage or the warehouse did not answer.
    """
    artifacts = open_storage(deployment.artifacts_uri, deployment)
    files = []
    for number, key in enumerate(_keys(model, until, deployment.warehouse_url)):
        path = scratch / f"{number:05}.parquet"
        artifacts.download(key, path)
        files.append(path)
    training, held_back = scratch / "training.parquet", scratch / "held_back.parquet"
    if not files:
        raise _nothing(model, until)
    with duckdb_in(scratch) as connection:
        paths = ", ".join(text(str(path)) for path in files)
        connection.execute(f"""
            CREATE TABLE labelled AS
            SELECT * FROM read_parquet([{paths}], union_by_name = true, filename = {text(_FILE)})
            WHERE label IS NOT NULL
            QUALIFY row_number() OVER (PARTITION BY event_id, row_in_record ORDER BY {identifier(_FILE)}) = 1
        """)
        rows = _count(connection, "SELECT count(*) FROM labelled")
        if not rows:
            raise _nothing(model, until)
        kept = rows - round(rows * HELD_BACK)
        for path, part in ((training, f"LIMIT {kept}"), (held_back, f"OFFSET {kept}")):
            query = f"SELECT * EXCLUDE ({identifier(_FILE)}) FROM labelled {_BY_TIME} {part}"
            connection.execute(f"COPY ({query}) TO {text(str(path))} (FORMAT parquet)")
    return TrainingSet(training, held_back, rows, rows - kept)


def _nothing(model: str, until: Window) -> SetupError:
    return SetupError(
        f"The model {model!r} has no labelled inferences up to {until}: there is nothing to train on."
    )


def _keys(model: str, until: Window, warehouse_url: str) -> list[str]:
    """Return the keys of the Parquet files: the newest baseline, then each window's newest revision."""
    with transaction(warehouse_url) as connection:
        baseline_id = newest_baseline(connection, model)
        revisions = current_revisions(connection, model, until.end)
    keys = [BaselineFolder(model, baseline_id).inferences] if baseline_id else []
    return keys + [WindowFolder(model, window.key, revision).inferences for window, revision in revisions]


def _count(connection: object, query: str) -> int:
    row = connection.execute(query).fetchone()  # type: ignore[attr-defined]
    return int(row[0])
