"""The models that the demonstration monitors, and the tables of their days."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
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
        retrained_on: The day whose verdict leads to a better version, which serves the days after; None for none.
        note: What the days show, printed below them; empty for nothing.
    """

    name: str
    first: date
    last: date
    columns: dict[str, Cell]
    retrains: bool
    retrained_on: date | None = None
    note: str = ""

    @property
    def days(self) -> int:
        """The number of days to judge."""
        return (self.last - self.first).days + 1

    @property
    def backfilled_until(self) -> date:
        """The last day that is judged in the backfill; those after it wait for the version that serves them."""
        return self.last if self.retrained_on is None else self.retrained_on - timedelta(days=1)

    @property
    def days_after(self) -> tuple[date, ...]:
        """The days after the retraining."""
        after = (self.last - (self.retrained_on or self.last)).days
        return tuple(self.last - timedelta(days=left) for left in reversed(range(after)))

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


def retraining_lines(decisions: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return decisions on retraining as lines: model, day, decision, reason, and what came of it.

    Refusals one after the other for want of labels, or because another retraining is near, are one line.

    Args:
        decisions: Rows of the warehouse's table ``retraining``, by model and day.
    """
    lines = []
    for (model, unmet), group in groupby(decisions, key=lambda one: (one["model"], _waits_for(one))):
        rows = list(group)
        if not unmet:
            lines += [_retraining_line(row) for row in rows]
            continue
        days = list(dict.fromkeys(f"{row['window_start']:%Y-%m-%d}" for row in (rows[0], rows[-1])))
        lines.append(f"{model} {' to '.join(days)}: no. {_WAITING[unmet]}")
    return lines


_WAITING = {
    "enough_labels": "Too few labelled rows since the last training.",
    "cooldown": "Another retraining is near.",
}
"""Conditions that come to hold with time, as sentences."""


def _waits_for(decision: Mapping[str, Any]) -> str:
    """Return the condition for which a refused retraining has to wait, empty for none."""
    unmet = next((one["name"] for one in decision["conditions"] if not one["met"]), "")
    return unmet if unmet in _WAITING else ""


def _retraining_line(decision: Mapping[str, Any]) -> str:
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

NEWARK = Monitored(
    name="flights_newark",
    first=date(2013, 2, 15),
    last=date(2013, 2, 28),
    columns={
        "rows": lambda one: f"{one.rows:,}",
        "labelled": lambda one: f"{one.labelled:,}",
        "ROC AUC": _metric("roc_auc", "{:.3f}"),
    },
    retrains=True,
    retrained_on=date(2013, 2, 25),
    note="A change of concept is injected: from 2013-02-18 on, the labels of flights out of Newark are swapped.",
)
"""The model of the endpoint, judged by labels whose concept changes; retraining is right."""
