"""Traffic that came twice under new ids: rows that repeat another row in every feature and in the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.engine.duck import identifier
from daywatch.formatting import count, percent
from daywatch.measure.causes.diagnosis import Diagnosis
from daywatch.measure.columns.measured_columns import Role
from daywatch.measure.columns.tables import Side

if TYPE_CHECKING:
    from daywatch.measure.causes.view import SearchView

_LEAST = 0.2
"""So many more rows than in the baseline repeat another one."""


def doubled_traffic(view: SearchView) -> Diagnosis | None:
    """Return how many rows repeat another row, None where no more do than in the baseline.

    Args:
        view: What the search sees.
    """
    names = [identifier(one.name) for one in view.tables.columns if one.role is not Role.LABEL]
    key = f"hash({', '.join(names)})"
    sides = [
        view.tables.rows(f"SELECT count(*), count(DISTINCT {key}) FROM {identifier(side)}")[0]
        for side in (Side.BASELINE, Side.WINDOW)
    ]
    was, now = (1 - distinct / rows if rows else 0.0 for rows, distinct in sides)
    (others, _), (rows, distinct) = sides
    by_chance = was * max(
        1.0, rows / max(others, 1)
    )  # (of more rows, more repeat others, at most in proportion)
    if now < by_chance + _LEAST:
        return None
    return Diagnosis(
        name="doubled_traffic",
        rows=int(rows - distinct),
        sentence=(
            f"{percent(now)} of {count(rows)} rows repeat another row in every feature and in the answer, under "
            f"another id (baseline {percent(was)}): they look sent again"
        ),
        short=f"{percent(now)} of the rows repeat another one",
    )
