"""The ROC curve and the calibration of a binary classifier, from stored rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.config.model.columns import Task
from daywatch.engine.duck import duckdb_in, text
from daywatch.engine.settings import scratch_folder
from daywatch.storage import open_storage

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.model import MonitoredModel
    from daywatch.run import WindowRun

_POINTS = 100
"""Points of a ROC curve at most, besides its ends; the areas in the warehouse come from all of them."""


@dataclass(frozen=True)
class CalibrationBin:
    """The rows whose probability is in one tenth: (0, 0.1] to (0.9, 1], 0 in the first.

    Attributes:
        probability: Their mean probability.
        positive: The share of them with the positive class as label.
        rows: Their number.
    """

    probability: float
    positive: float
    rows: int


@dataclass(frozen=True)
class Curves:
    """The curves of labelled rows.

    Attributes:
        rows: Number of rows with a probability and a label.
        roc: False positive rate and true positive rate, from (0, 0) to (1, 1); empty where one class has no row.
        calibration: The tenths that have rows.
    """

    rows: int
    roc: tuple[tuple[float, float], ...]
    calibration: tuple[CalibrationBin, ...]


def has_curves(model: MonitoredModel) -> bool:
    """Return whether a model's rows have the probability of one positive class."""
    return model.output.task is Task.BINARY and model.output.has_probability


def stored_curves(run: WindowRun, model: MonitoredModel, deployment: Deployment) -> tuple[Curves, Curves]:
    """Return the curves of a window and of its baseline.

    Args:
        run: What names the artifacts of window and baseline.
        model: The model's configuration; ``has_curves`` is true.
        deployment: Where the artifacts are.

    Raises:
        FileNotFoundError: The rows of the window or of the baseline are no longer stored.
        InfrastructureError: The storage did not answer.
    """
    artifacts = open_storage(deployment.artifacts_uri, deployment)
    keys = (run.folder.inferences, run.baseline.inferences)
    with scratch_folder(deployment.engine) as scratch, duckdb_in(scratch) as connection:
        files = [scratch / f"{number}.parquet" for number in range(len(keys))]
        for key, file in zip(keys, files, strict=True):
            artifacts.download(key, file)
        window, baseline = (_curves(connection, file, model.output.positive_class or "") for file in files)
    return window, baseline


def _curves(connection: duckdb.DuckDBPyConnection, file: Path, positive: str) -> Curves:
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE scored AS
        SELECT probability AS p, count(*) FILTER (CAST(label AS VARCHAR) = $1) AS positives, count(*) AS n
        FROM read_parquet({text(str(file))})
        WHERE label IS NOT NULL AND isfinite(probability) AND probability BETWEEN 0 AND 1 GROUP BY p
        """,
        [positive],
    )
    ((rows, positives),) = connection.execute(
        "SELECT coalesce(sum(n), 0), coalesce(sum(positives), 0) FROM scored"
    ).fetchall()
    bins = connection.execute("""
        SELECT sum(p * n) / sum(n), sum(positives) / sum(n), sum(n)
        FROM scored GROUP BY greatest(ceil(p * 10), 1) ORDER BY 1
    """).fetchall()
    calibration = tuple(CalibrationBin(float(p), float(share), int(n)) for p, share, n in bins)
    if positives in (0, rows):
        return Curves(int(rows), (), calibration)
    points = connection.execute(f"""
        WITH cumulated AS (
            SELECT sum(n - positives) OVER best AS wrong, sum(positives) OVER best AS hits,
                row_number() OVER best AS place, count(*) OVER () AS places
            FROM scored WINDOW best AS (ORDER BY p DESC)
        )
        SELECT wrong / {rows - positives}, hits / {positives} FROM cumulated
        WHERE place = places OR place % greatest(places // {_POINTS}, 1) = 0 ORDER BY place
    """).fetchall()
    roc = ((0.0, 0.0), *((float(wrong), float(hits)) for wrong, hits in points))
    return Curves(int(rows), roc, calibration)
