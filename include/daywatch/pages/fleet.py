"""The fleet: models by day, filtered, grouped by namespace and owner, the worst first, cut into pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby, takewhile
from typing import Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from daywatch.results import State
from daywatch.warehouse.overview import ModelOverview, WindowState
from daywatch.window import Window

SHOWN_DAYS = 30
"""Days next to a model. The newest one is the last day that any of the models was judged for."""

_PAGE = 50
"""Models of a page: with 30 days each, they take about 330 KB."""


class FleetFilter(BaseModel):
    """What the address of the page selects; empty selects all.

    Attributes:
        namespace: The models in this namespace and below it.
        owner: The models of this owner.
        tier: The models of this tier.
        state: The models with this newest verdict; ``none`` for those without one.
        text: A part of the model's name, its description or the reason of its newest verdict, in any case.
        page: Number of the page.
    """

    model_config = ConfigDict(frozen=True)

    namespace: str = ""
    owner: str = ""
    tier: str = Field("", pattern=r"^\d{0,4}$")
    state: Literal["", "RED", "AMBER", "GREY", "GREEN", "none"] = ""
    text: str = Field("", max_length=200)
    page: int = Field(1, ge=1, le=10_000)

    def admits(self, row: FleetRow) -> bool:
        """Return whether a model is one of those that are selected."""
        model, newest = row.model, row.newest
        searched = " ".join((model.model, model.description, newest.short if newest else ""))
        return (
            (not self.namespace or f"{model.namespace}/".startswith(f"{self.namespace.rstrip('/')}/"))
            and self.owner in ("", model.owner)
            and self.tier in ("", str(model.tier))
            and self.state in ("", newest.state if newest else "none")
            and self.text.casefold() in searched.casefold()
        )

    def query(self, page: int) -> str:
        """Return the query of the address of a page of the same models."""
        chosen = {name: value for name, value in self.model_dump(exclude={"page"}).items() if value}
        return urlencode(chosen | ({"page": str(page)} if page > 1 else {}))


@dataclass(frozen=True)
class FleetRow:
    """A model as a row of the table.

    Attributes:
        model: The model with its latest windows.
        newest: Its newest verdict, None where no window was judged.
        since: Key of the first of the latest windows in a row with the newest verdict's state.
        since_or_earlier: True where windows before those may have had the same state.
        days: The verdict on the window that ends with each day, None for days without one.
        behind: Days from its newest window to the last day that any model was judged for; 0 while the next one of its
            length cannot be over.
        retired: Whether the model has no YAML file any more.
        silent: Why a day without a verdict has none, by day; empty for days on which one is expected.
    """

    model: ModelOverview
    newest: WindowState | None
    since: str
    since_or_earlier: bool
    days: tuple[WindowState | None, ...]
    behind: int = 0
    retired: bool = False
    silent: tuple[str, ...] = ()

    @property
    def urgency(self) -> tuple[int, int, str]:
        """The sort key: worst verdict first, then most important tier; models without a verdict come last."""
        return -self.newest.state.rank if self.newest else 1, self.model.tier, self.model.model

    @property
    def group(self) -> tuple[str, str]:
        """Namespace and owner."""
        return self.model.namespace, self.model.owner


@dataclass(frozen=True)
class Fleet:
    """A page of the fleet.

    Attributes:
        days: The days of the columns, oldest first.
        groups: Namespace, owner and rows of each group on this page, the worst first.
        selected: Number of models that the filter selects.
        states: How many of them have each state, worst first; ``none`` for those without a verdict.
        judged: Number of models that were judged for the newest day.
        late: Number of models whose newest window is older, retired ones left out.
        blind: Number of models whose newest verdict is GREY.
        page: Number of this page.
        pages: Number of pages, at least 1.
    """

    days: tuple[date, ...]
    groups: tuple[tuple[str, str, tuple[FleetRow, ...]], ...]
    selected: int
    states: tuple[tuple[str, int], ...]
    judged: int
    late: int
    blind: int
    page: int
    pages: int


def fleet_page(
    models: Iterable[ModelOverview],
    chosen: FleetFilter,
    configured: frozenset[str] | None,
    recent: Callable[[list[str]], Iterable[ModelOverview]],
    silence: Callable[[str, date], str] = lambda _model, _day: "",
) -> Fleet:
    """Return a page of the fleet; a page after the last one is the last one.

    Args:
        models: All models that the reader may see, each with its newest window.
        chosen: The filter and the page.
        configured: The models that have a YAML file; None where nobody knows.
        recent: Returns models by their names, with the windows of the latest days.
        silence: Returns why a model is not judged on a day, empty where it is.
    """
    models = tuple(models)
    days = _days(models)
    found = (_expected(_row(model, days, configured), days, silence) for model in models)
    rows = [row for row in found if chosen.admits(row)]
    worst: dict[tuple[str, str], tuple[int, int, str]] = {}
    for row in sorted(rows, key=lambda row: row.urgency):
        worst.setdefault(row.group, row.urgency)
    rows.sort(key=lambda row: (worst[row.group], row.urgency))
    pages = max(1, -(-len(rows) // _PAGE))
    page = min(chosen.page, pages)
    names = [row.model.model for row in rows[(page - 1) * _PAGE : page * _PAGE]]
    # Only the models of this page: the windows of all of them would take most of the time.
    whole = {
        one.model: _silent(_expected(_row(one, days, configured), days, silence), days, silence)
        for one in recent(names)
    }
    shown = [whole[name] for name in names if name in whole]
    grouped = tuple((*group, tuple(members)) for group, members in groupby(shown, lambda row: row.group))
    judged = sum(row.newest is not None and not row.behind for row in rows)
    late = sum(row.newest is not None and row.behind > 0 and not row.retired for row in rows)
    blind = sum(row.newest is not None and row.newest.state is State.GREY for row in rows)
    return Fleet(days, grouped, len(rows), _states(rows), judged, late, blind, page, pages)


def namespaces_of(models: Iterable[ModelOverview]) -> list[str]:
    """Return the namespaces of models, and those above them, in order."""
    found = set()
    for model in models:
        parts = model.namespace.split("/")
        found |= {"/".join(parts[:end]) for end in range(2, len(parts) + 1)}
    return sorted(found - {""})


def _days(models: Sequence[ModelOverview]) -> tuple[date, ...]:
    last = max((_last_day(window) for model in models for window in model.windows), default=None)
    return tuple(last - timedelta(days=back) for back in range(SHOWN_DAYS - 1, -1, -1)) if last else ()


def _days_behind(newest: WindowState, last: date) -> int:
    """Return the days since a model's newest window; 0 while the next one cannot be over."""
    window = Window.parse(newest.window)
    days = (last - window.last).days
    return days if days >= window.days else 0


def _last_day(window: WindowState) -> date:
    return Window.parse(window.window).last


def _row(model: ModelOverview, days: tuple[date, ...], configured: frozenset[str] | None) -> FleetRow:
    """Return a model's row. Of two windows that end on the same day, the shorter one is shown."""
    by_day = {_last_day(window): window for window in model.windows}
    newest = model.windows[-1] if model.windows else None
    same = list(takewhile(lambda one: newest and one.state == newest.state, reversed(model.windows)))
    reaches_back = bool(same) and len(same) == len(model.windows) >= SHOWN_DAYS
    return FleetRow(
        model=model,
        newest=newest,
        since=same[-1].window if same else "",
        since_or_earlier=reaches_back,
        days=tuple(map(by_day.get, days)),
        behind=_days_behind(newest, days[-1]) if newest else 0,
        retired=configured is not None and model.model not in configured,
    )


def _expected(row: FleetRow, days: tuple[date, ...], silence: Callable[[str, date], str]) -> FleetRow:
    """Return a row that is not behind by days on which the model is silent."""
    if not row.behind or row.retired:
        return row
    missing = (days[-1] - timedelta(days=back) for back in range(row.behind))
    return replace(row, behind=sum(not silence(row.model.model, day) for day in missing))


def _silent(row: FleetRow, days: tuple[date, ...], silence: Callable[[str, date], str]) -> FleetRow:
    """Return a row that says why days without a verdict have none."""
    if row.retired or all(row.days):
        return row
    found = zip(days, row.days, strict=True)
    return replace(row, silent=tuple("" if one else silence(row.model.model, day) for day, one in found))


def _states(rows: Sequence[FleetRow]) -> tuple[tuple[str, int], ...]:
    counted = Counter(row.newest.state if row.newest else "none" for row in rows)
    order = [*sorted(State, reverse=True), "none"]
    return tuple((state, counted[state]) for state in order if counted[state])
