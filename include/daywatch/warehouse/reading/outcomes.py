"""The stored outcomes of a plan's rules."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from daywatch.results import State
from daywatch.verdicts import RuleOutcome
from daywatch.warehouse import result_tables


def rule_outcomes(
    connection: sa.Connection, model: str, window_start: datetime, revision: str
) -> list[RuleOutcome]:
    """Return the outcomes of the rules on a window, in the plan's order.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        window_start: Start of the window.
        revision: Revision of the window.
    """
    rules = result_tables.rule_outcome
    query = (
        sa.select(rules)
        .where(rules.c.model == model, rules.c.window_start == window_start, rules.c.revision == revision)
        .order_by(rules.c.position)
    )
    return [
        RuleOutcome(
            rule=row.rule,
            metric=row.metric,
            column=row.column_name,
            class_name=row.class_name,
            slice=row.slice,
            value=row.value,
            baseline=row.baseline_value,
            state=State(row.state),
            reason=row.reason,
            short=row.reason,
        )
        for row in connection.execute(query)
    ]
