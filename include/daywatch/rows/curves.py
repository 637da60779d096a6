"""The ROC curves and the calibration of a classifier, from stored rows."""

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

MOST_CLASSES = 6
"""Classes with curves at most, of a classifier of several."""

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


@dataclass(frozen=True)
class ClassCurves:
    """The curves of one class, against all others.

    Attributes:
        name: The class.
        window: Of the window's rows.
        baseline: Of the baseline's rows.
    """

    name: str
    window: Curves
    baseline: Curves


def has_curves(model: MonitoredModel) -> bool:
    """Return whether a model's rows have the probability of a class that can be compared with labels."""
    return bool(_probabilities(model))


def stored_curves(run: WindowRun, model: MonitoredModel, deployment: Deployment) -> tuple[ClassCurves, ...]:
    """Return the curves of the positive class; of a classifier of several, of each class against the rest.

    Args:
        run: What names the artifacts of window and baseline.
        model: The model's configuration; ``has_curves`` is true.
        deployment: Where the artifacts are.

    Returns:
        At most ``MOST_CLASSES`` classes: those with the most labelled rows in the window, the most first.

    Raises:
        FileNotFoundError: The rows of the window or of the baseline are no longer stored.
        InfrastructureError: The storage did not answer.
    """
    artifacts = open_storage(deployment.artifacts_uri, deployment)
    probabilities = _probabilities(model)
    keys = (run.folder.inferences, run.baseline.inferences)
    with scratch_folder(deployment.engine) as scratch, duckdb_in(scratch) as connection:
        files = [scratch / f"{number}.parquet" for number in range(len(keys))]
        for key, file in zip(keys, files, strict=True):
            artifacts.download(key, file)
        labelled = dict(
            connection.execute(
                f"SELECT CAST(label AS VARCHAR), count(*) FROM read_parquet({text(str(files[0]))}) GROUP BY 1"
            ).fetchall()
        )
        names = sorted(probabilities, key=lambda name: (-labelled.get(name, 0), name))[:MOST_CLASSES]
        return tuple(
            ClassCurves(name, *(_curves(connection, file, probabilities[name], name) for file in files))
            for name in names
        )


def _probabilities(model: MonitoredModel) -> dict[str, str]:
    """Return SQL for the probability of each class that has curves, by the name of the class."""
    output = model.output
    if output.task is Task.MULTICLASS:
        return {name: f"probabilities[{place}]" for place, name in enumerate(output.classes, 1)}
    return {output.positive_class or "": "probability"} if output.has_probability else {}


def _curves(connection: duckdb.DuckDBPyConnection, file: Path, probability: str, name: str) -> Curves:
    """Return the curves of a class of the rows of a file."""
    rows_of_file = f"read_parquet({text(str(file))})"
    column = probability.partition("[")[0]
    if column not in {one for one, *_ in connection.execute(f"DESCRIBE FROM {rows_of_file}").fetchall()}:
        return Curves(
            0, (), ()
        )  # a baseline of a training file need not have the probabilities of all classes
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE scored AS
        SELECT CAST({probability} AS DOUBLE) AS p, count(*) FILTER (CAST(label AS VARCHAR) = $1) AS positives,
            count(*) AS n
        FROM {rows_of_file} WHERE label IS NOT NULL AND isfinite(p) AND p BETWEEN 0 AND 1 GROUP BY p
        """,
        [name],
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
