"""The two models that the demonstration monitors, and the tables of their days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from daywatch.cli.console import STATE_STYLE
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from daywatch.warehouse.history import JudgedWindow

Cell = Callable[["JudgedWindow"], str]


@dataclass(frozen=True)
class Monitored:
    """A model and the days to judge.

    Attributes:
        name: The model's name.
        first: The first day to judge.
        last: The last one.
        columns: The cells of a day in the table, by heading.
        retrains: Whether its plan retrains on RED.
    """

    name: str
    first: date
    last: date
    columns: dict[str, Cell]
    retrains: bool

    @property
    def days(self) -> int:
        """The number of days to judge."""
        return (self.last - self.first).days + 1

    def table(self, judged: list[JudgedWindow]) -> Table:
        """Return the table with the verdicts of the days."""
        table = Table(title=f"\n{self.name}, {self.first} to {self.last}", title_justify="left", box=None)
        table.add_column("day")
        for heading in self.columns:
            table.add_column(heading, justify="right")
        table.add_column("verdict")
        table.add_column("reason")
        for one in judged:
            cells = [cell(one) for cell in self.columns.values()]
            state = Text(one.state, style=STATE_STYLE[one.state])
            table.add_row(one.window, *cells, state, Text(one.short))
        return table


def _metric(name: str, form: str) -> Cell:
    """Return a cell with a metric, empty if the metric was not measured."""

    def cell(one: JudgedWindow) -> str:
        value = one.metrics.get(name)
        return "" if value is None else form.format(value)

    return cell


def retraining_line(decision: Mapping[str, Any]) -> str:
    """Return a decision on retraining in a line: model, day, decision, reason, and what came of it.

    Args:
        decision: A row of the warehouse's table ``retraining``.
    """
    head = f"{decision['model']} {decision['window_start']:%Y-%m-%d}: {decision['decision']}. {decision['reason']}"
    if decision["outcome"] is None:
        return head
    return f"{head} {str(decision['outcome']).capitalize()}: {decision['outcome_reason']}"


FLIGHTS = Monitored(
    name="flights",
    first=date(2013, 2, 1),
    last=date(2013, 2, 14),
    columns={
        "rows": lambda one: f"{one.rows:,}",
        "labelled": lambda one: f"{one.labelled:,}",
        "drifted": _metric("drifted_columns", "{:.0f}"),
        "ROC AUC": _metric("roc_auc", "{:.3f}"),
    },
    retrains=True,
)
"""The model behind a SageMaker endpoint; the blizzard of the 9th turns it RED."""

SERVICE = Monitored(
    name="flights_service",
    first=date(2013, 2, 9),
    last=date(2013, 2, 12),
    columns={
        "requests": _metric("records", "{:,.0f}"),
        "failed": _metric("error_share", "{:.1%}"),
        "timed out": _metric("timeout_share", "{:.1%}"),
        "p95 (ms)": _metric("latency_p95", "{:,.0f}"),
        "ROC AUC": _metric("roc_auc", "{:.3f}"),
    },
    retrains=False,
)
"""The model behind a self-hosted service; a new version of the service turns it RED on the 11th."""
