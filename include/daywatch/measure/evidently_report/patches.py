"""All that Daywatch changes inside Evidently and Plotly, for the time of one report.

Each change is an entry of ``PATCHES``. None of them changes a number or a figure: they save time, or clean up.
Without an entry the report is Evidently's own, so an entry is left out, with one warning, where the installed
versions are not those that it was tested with or a name is gone. ``DAYWATCH_LIBRARY_PATCHES=off`` leaves out all.
"""

from __future__ import annotations

import json
import logging
import pickle
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pkgutil import resolve_name
from typing import Any

TEMPLATE_MARK = {"layout": {"meta": "daywatch"}}
"""Stands for Plotly's template in what was plotted with the patch."""

_EVIDENTLY = {"evidently": ("0.7.23",)}
_PLOTLY = {"evidently": ("0.7.23",), "plotly": ("5.24.1",)}

log = logging.getLogger("daywatch")


@dataclass(frozen=True)
class Patch:
    """An attribute of another library that is replaced while a report is made.

    Attributes:
        attribute: Its name.
        owners: The modules, or ``module:object``, that look it up. All of them get one replacement, which is
            made from the attribute of the first.
        by: Makes the replacement from the original; what it opens is closed once the original is back.
        why: What the library does without the patch.
        saves: The CPU seconds that it saves of a report of 28 columns from 2,000 rows a side, as measured.
        tested_with: Versions of the libraries, by the names of their distributions.
    """

    attribute: str
    owners: tuple[str, ...]
    by: Callable[[Any], AbstractContextManager[Any]]
    why: str
    saves: str
    tested_with: Mapping[str, tuple[str, ...]]

    def reason_to_leave_out(self) -> str:
        """Say why the installed libraries are not those that the patch was made for; empty where they are."""
        for library, versions in self.tested_with.items():
            if (installed := version(library)) not in versions:
                return f"{library} {installed} is installed, and it was tested with {' and '.join(versions)}"
        for owner in self.owners:
            try:
                getattr(resolve_name(owner), self.attribute)
            except (ImportError, AttributeError):
                return f"{owner} has no {self.attribute}"
        return ""

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Replace the attribute, until the context is left."""
        owners = [resolve_name(owner) for owner in self.owners]
        with ExitStack() as stack:
            replacement = stack.enter_context(self.by(getattr(owners[0], self.attribute)))
            for owner in owners:
                stack.callback(setattr, owner, self.attribute, getattr(owner, self.attribute))
                setattr(owner, self.attribute, replacement)
            yield


@contextmanager
def patched(patches: Iterable[Patch]) -> Iterator[None]:
    """Apply patches for one report on one pair of frames, until the context is left.

    They are in force in the whole process: only inside of ``evidently_alone``.

    Args:
        patches: ``PATCHES``, or none of them.
    """
    left_out: dict[str, list[str]] = {}
    with ExitStack() as stack:
        for patch in patches:
            if reason := patch.reason_to_leave_out():
                left_out.setdefault(reason, []).append(patch.attribute)
            else:
                stack.enter_context(patch.applied())
        for reason, attributes in left_out.items():
            names = ", ".join(attributes)
            _warn_once(f"Evidently's report is made without the patch of {names}: {reason}.")
        yield


@cache
def _warn_once(sentence: str) -> None:
    log.warning(sentence)


def default_template() -> Any:
    """Return the template that Plotly's figures carry outside of the context, as JSON has it."""
    from plotly import io

    return json.loads(json.dumps(io.templates[io.templates.default].to_plotly_json()))


def _remembered(
    function: Callable[..., Any], key: Callable[[dict[str, Any]], Hashable]
) -> Callable[..., Any]:
    """Return the function as one that remembers its results, by a key of its arguments, which are all named."""
    results: dict[Hashable, Any] = {}

    def remembering(**arguments: Any) -> Any:
        found = key(arguments)
        if found not in results:
            results[found] = function(**arguments)
        return results[found]

    return remembering


def _by_column(original: Any) -> AbstractContextManager[Any]:
    return nullcontext(_remembered(original, lambda arguments: arguments["column_name"]))


def _by_arguments(original: Any) -> AbstractContextManager[Any]:
    return nullcontext(_remembered(original, pickle.dumps))


def _copied_figure(original: Any) -> AbstractContextManager[Any]:
    """Return a function that copies the empty figure: traces are added to what it returns."""
    empty = _remembered(original, pickle.dumps)
    return nullcontext(lambda **arguments: deepcopy(empty(**arguments)))


@contextmanager
def _marked(_original: Any) -> Iterator[str]:
    from plotly import io
    from plotly.graph_objs.layout import Template

    io.templates["daywatch"] = Template(TEMPLATE_MARK)
    try:
        yield "daywatch"
    finally:
        del io.templates["daywatch"]


def _copied(original: Any) -> AbstractContextManager[Any]:
    return nullcontext(dict(original))


_TABLE = "evidently.legacy.metrics.data_drift.data_drift_table"
_COLUMN = "evidently.metrics.column_statistics"
_REGISTRY = "evidently.legacy.calculations.stattests.registry"

PATCHES = (
    Patch(
        attribute="get_one_column_drift",
        owners=("evidently.legacy.calculations.data_drift", _COLUMN),
        by=_by_column,
        why="Evidently computes the drift of a column, with its histograms, for each metric that shows it.",
        saves="0.6 of 3.3 s.",
        tested_with=_EVIDENTLY,
    ),
    Patch(
        attribute="plot_agg_line_data",
        owners=(_TABLE, _COLUMN),
        by=_by_arguments,
        why="Evidently plots a numeric column over its rows for each metric that shows it.",
        saves="0.3 of 3.3 s, together with plot_distr_with_perc_button.",
        tested_with=_EVIDENTLY,
    ),
    Patch(
        attribute="plot_distr_with_perc_button",
        owners=(_TABLE, _COLUMN),
        by=_by_arguments,
        why="Evidently plots the distribution of a column for each metric that shows it.",
        saves="0.3 of 3.3 s, together with plot_agg_line_data.",
        tested_with=_EVIDENTLY,
    ),
    Patch(
        attribute="make_subplots",
        owners=("evidently.legacy.utils.visualizations",),
        by=_copied_figure,
        why="Plotly makes and checks the same empty figure for each column.",
        saves="0.4 of 3.3 s.",
        tested_with=_PLOTLY,
    ),
    Patch(
        attribute="default",
        owners=("plotly.io:templates",),
        by=_marked,
        why="Plotly copies its template of 8 kB into each figure, and whenever a figure is changed. With the"
        " patch a figure carries TEMPLATE_MARK, for which snapshot.py puts the template in at the end.",
        saves="1.1 of 3.3 s.",
        tested_with=_PLOTLY,
    ),
    *(
        Patch(
            attribute=attribute,
            owners=(_REGISTRY,),
            by=_copied,
            why="Evidently has no call to take a stat test out of its registry. With the patch the tests of a"
            " report go into a copy of the registry, which is dropped with the report.",
            saves="no time; the scores of the report are not kept in memory after it.",
            tested_with=_EVIDENTLY,
        )
        for attribute in ("_registered_stat_tests", "_registered_stat_test_funcs", "_impls")
    ),
)
"""Applied in this order."""
