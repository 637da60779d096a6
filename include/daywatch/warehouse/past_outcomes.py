"""The outcomes of rules in windows before, for rules that count only if they persist."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from daywatch.measure.service.past_windows import PastOutcome
from daywatch.results import State
from daywatch.warehouse import result_tables, tables
from daywatch.window import Window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_YEAR = timedelta(days=366)


def past_outcomes(
    connection: sa.Connection, model: str, window: Window, needed: Mapping[str, int]
) -> tuple[PastOutcome, ...]:
    """Return the latest outcomes of rules in the windows of this length before, at their newest revisions.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        window: The window; only windows that end before it starts, and not a year before, are used.
        needed: How many outcomes are needed of each rule, by the rule's text; if all of these are GREY, the others
            up to the latest that is not GREY are read too.
    """
    if not needed:
        return ()
    runs, outcomes = tables.window_run, result_tables.rule_outcome
    same = ("model", "window_start", "window_end", "revision")
    of_run = (runs.c.window_start, runs.c.window_end, runs.c.revision)
    query = (
        sa.select(*of_run, outcomes.c.rule, outcomes.c.state, outcomes.c.found_state)
        .select_from(
            runs.outerjoin(
                outcomes,
                sa.and_(
                    *(outcomes.c[name] == runs.c[name] for name in same), outcomes.c.rule.in_(sorted(needed))
                ),
            )
        )
        .where(
            runs.c.model == model,
            runs.c.window_end <= window.start,
            runs.c.window_start >= window.start - _YEAR,
        )
        .order_by(runs.c.window_start, runs.c.sequence, outcomes.c.position)
    )
    # Of several revisions of a window, the last one counts, whether it has the rule or not.
    revisions: dict[Window, str] = {}
    newest: dict[Window, dict[str, PastOutcome]] = {}
    for row in connection.execute(query):
        before = Window(row.window_start, row.window_end)
        if not before.is_like(window):
            continue
        if revisions.get(before) != row.revision:
            revisions[before], newest[before] = row.revision, {}
        if row.rule is not None:
            state = State(row.state)
            found = State(row.found_state) if row.found_state else state
            outcome = PastOutcome(window=before.key, rule=row.rule, found=found, state=state)
            newest[before][row.rule] = outcome
    latest = [found for _, found in sorted(newest.items(), reverse=True)]
    return tuple(
        one
        for rule, count in needed.items()
        for one in _latest([found[rule] for found in latest if rule in found], count)
    )


def _latest(outcomes: Sequence[PastOutcome], count: int) -> Sequence[PastOutcome]:
    """Return so many outcomes, and those up to the first that is not GREY: from a state before, a rule recovers."""
    judged = next((n for n, one in enumerate(outcomes, start=1) if one.state is not State.GREY), 0)
    return outcomes[: max(count, judged)]
