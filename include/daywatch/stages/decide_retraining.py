"""The stage ``retrain?``: decide, and store the decision with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from daywatch.results import Verdict
from daywatch.retrain.decide import RetrainingDecision, decide
from daywatch.run import WindowRun
from daywatch.stages.workspace import StageClock, workplace
from daywatch.warehouse import tables
from daywatch.warehouse.database import transaction
from daywatch.warehouse.record import insert_if_new, window_key

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment


def decide_retraining(run: WindowRun, deployment: Deployment) -> RetrainingDecision:
    """Decide whether the window's verdict triggers retraining, and store why or why not.

    Raises:
        InfrastructureError: The storage or the warehouse did not answer.
    """
    clock = StageClock("decide_retraining", f"{run.model} {run.window}")
    with workplace(run, deployment) as place:
        verdict = Verdict.model_validate_json(place.artifacts.read(run.folder.verdict))
        decision = decide(run, verdict, place.model)
    with transaction(deployment.warehouse_url) as connection:
        key = window_key(run.model, run.window, run.revision)
        version = _version_of_window(connection, key) if decision.wanted else None
        insert_if_new(connection, tables.retraining, {**key, **decision.model_dump(), "version": version})
    clock.done(f"{'yes' if decision.wanted else 'no'}, {decision.reason}")
    return decision


def _version_of_window(connection: sa.Connection, key: dict[str, Any]) -> str | None:
    """Return the version that came of an earlier revision of the window: it is not trained twice."""
    table = tables.retraining
    same = [table.c[name] == key[name] for name in ("model", "window_start", "window_end")]
    query = sa.select(table.c.version).where(*same, table.c.version.is_not(None)).limit(1)
    return connection.execute(query).scalar()
