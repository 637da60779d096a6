"""Evidently computes a column anew for each metric that shows it, and draws it for two of them: here once."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from typing import Any

Function = Callable[..., Any]


@contextmanager
def drawn_once() -> Iterator[None]:
    """Let Evidently remember each column's drift and figures, until the context is left.

    For one report on one pair of frames: drift is remembered by the columns' names. The functions are replaced
    where Evidently's modules look them up, for the whole process: one thread at a time may do so.
    """
    from evidently.legacy.calculations import data_drift
    from evidently.legacy.metrics.data_drift import data_drift_table, dataset_drift_metric
    from evidently.legacy.utils import visualizations
    from evidently.metrics import column_statistics

    lookups: tuple[tuple[str, Callable[[dict[str, Any]], Hashable], tuple[Any, ...]], ...] = (
        ("get_one_column_drift", lambda given: given["column_name"], (data_drift, column_statistics)),
        (
            "get_drift_for_columns",
            lambda given: (*given["columns"],),
            (data_drift_table, dataset_drift_metric),
        ),
        ("plot_agg_line_data", pickle.dumps, (data_drift_table, column_statistics)),
        ("plot_distr_with_perc_button", pickle.dumps, (data_drift_table, column_statistics)),
    )
    with ExitStack() as stack:
        for name, key, modules in lookups:
            function = _remembering(getattr(modules[0], name), key)
            for module in modules:
                stack.enter_context(_replaced(module, name, function))
        empty = _remembering(visualizations.make_subplots, pickle.dumps)
        # Traces are added to what it returns, so each figure gets its own.
        stack.enter_context(
            _replaced(visualizations, "make_subplots", lambda **given: deepcopy(empty(**given)))
        )
        yield


def _remembering(function: Function, key: Callable[[dict[str, Any]], Hashable]) -> Function:
    """Return the function as one that remembers its results, by a key of its arguments, which are all named."""
    results: dict[Hashable, Any] = {}

    def remembered(**given: Any) -> Any:
        of = key(given)
        if of not in results:
            results[of] = function(**given)
        return results[of]

    return remembered


@contextmanager
def _replaced(module: Any, name: str, by: Function) -> Iterator[None]:
    before = getattr(module, name)
    setattr(module, name, by)
    try:
        yield
    finally:
        setattr(module, name, before)
