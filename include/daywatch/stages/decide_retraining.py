"""The stage ``decide_retraining``: decide, and store the decision with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.retrain.decide import RetrainingDecision, decide
from daywatch.run import WindowRun
from daywatch.stages.workspace import StageClock, open_workspace
from daywatch.verdicts import Verdict
from daywatch.warehouse import tables
from daywatch.warehouse.database import transaction
from daywatch.warehouse.record import insert_if_new, window_key
from daywatch.warehouse.retrainings import trained_version

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment


def decide_retraining(run: WindowRun, deployment: Deployment) -> RetrainingDecision:
    """Decide whether the window's verdict triggers retraining, and store why or why not.

    A window triggers one training, whatever revisions of it are judged RED and whatever Airflow remembers.

    Args:
        run: The window's run.
        deployment: Addresses and connections of storage and warehouse.

    Raises:
        InfrastructureError: The storage or the warehouse did not answer.
    """
    clock = StageClock("decide_retraining", f"{run.model} {run.window}")
    with open_workspace(run, deployment) as workspace:
        verdict = workspace.read(Verdict, run.folder.verdict)
        model = workspace.model
    with transaction(deployment.warehouse_url) as connection:
        decision = decide(run, verdict, model, trained_version(connection, run.model, run.window))
        key = window_key(run.model, run.window, run.revision)
        insert_if_new(connection, tables.retraining, {**key, **decision.model_dump()})
    clock.done(f"{'yes' if decision.wanted else 'no'}, {decision.reason}")
    return decision
