"""Drift scores: Evidently's own stat tests, once a column, on all rows."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.config.model import DriftMethod, MonitoredModel
from daywatch.engine.duck import identifier
from daywatch.measure.stat_tests import ROW_LIMITS, Kind
from daywatch.measure.tables import Role, Side
from daywatch.results import Metric

if TYPE_CHECKING:
    import pandas as pd

    from daywatch.measure.facts import Facts
    from daywatch.measure.tables import Column, Tables


@dataclass(frozen=True)
class Score:
    """The drift of one column.

    Attributes:
        column: Which.
        value: A p-value or a distance, None where it could not be computed.
        threshold: What it was held against.
        method: Evidently's name of the stat test.
        title: Evidently's title of the stat test.
        drifted: What Evidently's test said; None where there is no score.
        note: Why there is no score.
    """

    column: Column
    value: float | None = None
    threshold: float | None = None
    method: str = ""
    title: str = ""
    drifted: bool | None = None
    note: str = ""


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
    """Score every column, one in memory at a time; a probability stands for the prediction cut from it."""
    doubled = Role.PREDICTION if model.output.has_probability else None
    scores = []
    for column in (column for column in tables.columns if column.role is not doubled):
        settings = drift_settings(model, column)
        reason = "; ".join(filter(None, (facts[column.name][side].unusable(side) for side in Side)))
        if reason:
            scores.append(Score(column, method=settings.method or "", note=reason))
            continue
        reference, current = read_pair(tables, column)
        scores.append(score_pair(column, reference, current, settings))
    return scores


def read_pair(tables: Tables, column: Column) -> tuple[pd.Series, pd.Series]:
    """Read a column of both sides in file order.

    Categories come as numbers in the order of their names: the tests only count them, and sets of text
    would be added up in another order in every process.
    """
    name = identifier(column.name)
    if column.kind is not Kind.CATEGORICAL:
        selected = name
    else:
        tables.execute(
            "CREATE OR REPLACE TYPE category AS ENUM (SELECT DISTINCT v FROM"
            f" (SELECT {name} AS v FROM reference UNION ALL SELECT {name} FROM current)"
            " WHERE v IS NOT NULL ORDER BY v)"
        )
        selected = f"CAST(enum_code(CAST({name} AS category)) AS BIGINT)"
    reference, current = (
        tables.frame(f"SELECT {selected} AS v FROM {identifier(side)}")["v"].rename(column.name)
        for side in (Side.REFERENCE, Side.CURRENT)
    )
    return reference, current


def score_pair(column: Column, reference: pd.Series, current: pd.Series, settings: DriftMethod) -> Score:
    """Score one column as Evidently's ``ValueDrift`` does.

    Cleaning, choice of the test and its default threshold are those of
    ``evidently.legacy.calculations.data_drift.get_one_column_drift``.

    Args:
        column: What the two series are.
        reference: The baseline's values.
        current: The window's values.
        settings: Method and threshold, where they are not Evidently's defaults.
    """
    import numpy as np
    from evidently.legacy.calculations.stattests import get_stattest
    from evidently.legacy.core import ColumnType

    kind = ColumnType(column.kind.value)
    reference, current = (side.replace([-np.inf, np.inf], np.nan).dropna() for side in (reference, current))
    rows = len(reference) + len(current)
    try:
        test = get_stattest(reference, current, kind, settings.method)
    except ValueError as error:
        return Score(column, method=settings.method or "", note=_sentence(error))
    threshold = test.default_threshold if settings.threshold is None else settings.threshold
    unscored = Score(column, threshold=threshold, method=test.name, title=test.display_name)
    if rows > ROW_LIMITS.get(test.name, rows):
        limit = f"{test.name} is not computed beyond {ROW_LIMITS[test.name]:,} rows, and there are {rows:,}"
        return _with_note(unscored, f"{limit}; choose another method")
    state = np.random.get_state()
    np.random.seed(0)  # (some tests permute by the global generator)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            result = test(reference, current, kind, threshold)
    except (ValueError, ArithmeticError, LookupError) as error:
        return _with_note(unscored, f"{test.name} cannot be computed: {_sentence(error)}")
    finally:
        np.random.set_state(state)
    value = float(result.drift_score)
    if not math.isfinite(value):
        return _with_note(unscored, f"{test.name} gives no finite number on this data")
    return Score(column, value, threshold, test.name, test.display_name, bool(result.drifted))


def _with_note(score: Score, note: str) -> Score:
    return Score(score.column, threshold=score.threshold, method=score.method, title=score.title, note=note)


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


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
