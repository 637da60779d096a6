"""Drift of every column: read once, scored on all rows, several at once in bounded memory."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Semaphore
from typing import TYPE_CHECKING

from daywatch.config.model import DriftMethod, MonitoredModel
from daywatch.measure.column_values import read_values
from daywatch.measure.score import Score, score_values
from daywatch.measure.stat_tests import ROW_LIMITS, Kind
from daywatch.measure.tables import Role, Side
from daywatch.results import Metric

if TYPE_CHECKING:
    from daywatch.measure.facts import Facts
    from daywatch.measure.kernels.values import Values
    from daywatch.measure.tables import Column, Tables

_IN_MEMORY = 40_000_000
"""Values of both sides, of all columns read and not yet scored together: 320 MB of numbers."""

_ORDER_MATTERS = ROW_LIMITS["empirical_mmd"]
"""Up to so many numbers there is a test whose outcome depends on their order in the file: it permutes them."""


def drift_settings(model: MonitoredModel, column: Column) -> DriftMethod:
    """Return the column's method and threshold: its own, else those for its kind.

    A threshold belongs to a method: a column with a method of its own does not inherit a threshold.
    """
    common = {
        Kind.NUMERIC: model.drift.numeric,
        Kind.CATEGORICAL: model.drift.categorical,
        Kind.TEXT: model.drift.text,
    }[column.kind]
    own = model.feature(column.name).drift if column.role is Role.FEATURE else model.output.drift
    inherited = common.threshold if own.method is None else None
    return DriftMethod(
        method=own.method or common.method,
        threshold=own.threshold if own.threshold is not None else inherited,
    )


def drift_scores(tables: Tables, model: MonitoredModel, facts: Facts) -> list[Score]:
    """Score every column; a probability stands for the prediction cut from it.

    One thread reads while others score. How many columns are in memory at once depends on the rows; the
    scores depend on neither.
    """
    doubled = Role.PREDICTION if model.output.has_probability else None
    columns = [column for column in tables.columns if column.role is not doubled]
    workers = os.cpu_count() or 1
    room = Semaphore(_at_once(facts, workers))
    futures: list[Future[Score]] = []
    with ThreadPoolExecutor(workers) as pool:
        for column in columns:
            settings = drift_settings(model, column)
            reason = "; ".join(filter(None, (facts[column.name][side].unusable(side) for side in Side)))
            if reason:
                futures.append(pool.submit(Score, column, method=settings.method or "", note=reason))
                continue
            room.acquire()
            futures.append(pool.submit(_scored, column, read_values(tables, column, facts), settings))
            futures[-1].add_done_callback(lambda _: room.release())
        return [future.result() for future in futures]


def _at_once(facts: Facts, workers: int) -> int:
    """Return how many columns may be in memory: one being read, the others being scored."""
    rows = max((sum(sides[side].usable for side in Side) for sides in facts.values()), default=0)
    return max(1, min(workers + 1, _IN_MEMORY // max(rows, 1)))


def _scored(column: Column, values: dict[Side, Values], settings: DriftMethod) -> Score:
    if column.kind is Kind.NUMERIC and min(one.size for one in values.values()) > _ORDER_MATTERS:
        values = {side: one.sorted_in_place() for side, one in values.items()}
    return score_values(column, values[Side.REFERENCE], values[Side.CURRENT], settings)


def drift_metrics(scores: list[Score], model: MonitoredModel) -> list[Metric]:
    """Turn scores into metrics: one a feature, their count and share, prediction and target."""
    features = [score for score in scores if score.column.role is Role.FEATURE]
    scored = [score for score in features if score.value is not None]
    drifted = sum(bool(score.drifted) for score in scored)
    left_out = len(features) - len(scored)
    note = f"{left_out} of {len(features)} columns could not be scored" if left_out else ""
    (answer,) = (score for score in scores if score.column.role in (Role.PROBABILITY, Role.PREDICTION))
    (label,) = (score for score in scores if score.column.role is Role.LABEL)
    share = drifted / len(scored) if scored else None
    return [
        *(_metric("drift_score", score) for score in features),
        Metric(name="drifted_columns", value=drifted if scored else None, note=note),
        Metric(
            name="drifted_share",
            value=share,
            threshold=model.drift.drifted_share,
            alert=None if share is None else share >= model.drift.drifted_share,
            note=note,
        ),
        _metric("prediction_drift", answer),
        _metric("target_drift", label),
    ]


def _metric(name: str, score: Score) -> Metric:
    return Metric(
        name=name,
        column=score.column.name,
        value=score.value,
        threshold=score.threshold,
        method=score.method,
        alert=score.drifted,
        note=score.note,
    )
