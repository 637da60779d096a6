"""The drill of each model's latest judged day, stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.loading.namespaces import models_within
from daywatch.drill.run import drill
from daywatch.drill.store import store_drill
from daywatch.results import State
from daywatch.warehouse.database import transaction
from daywatch.warehouse.history import judged_runs

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.drill.result import DrillResult
    from daywatch.window import Window

_LOOKED_AT = 60
"""Latest windows among which the day is chosen."""


def drilled_models(deployment: Deployment) -> list[str]:
    """Return the names of the models that have a judged day to drill.

    Args:
        deployment: Addresses and connections of storage and warehouse.

    Raises:
        InfrastructureError: The warehouse did not answer.
    """
    names = models_within(deployment.models, "/")
    return [name for name in names if latest_day(name, deployment) is not None]


def drill_latest_day(model: str, deployment: Deployment) -> DrillResult:
    """Drill a model's latest judged day that is not GREY, and store the result.

    Args:
        model: Name of the model, one of ``drilled_models``.
        deployment: Addresses and connections of storage and warehouse.

    Raises:
        ValueError: The model has no such day.
        SetupError: The results of the day are no longer stored.
        InfrastructureError: The storage or the warehouse did not answer.
    """
    day = latest_day(model, deployment)
    if day is None:
        msg = f"The model {model!r} has no judged day to drill."
        raise ValueError(msg)
    result = drill(model, day, deployment)
    store_drill(result, deployment)
    return result


def latest_day(model: str, deployment: Deployment) -> Window | None:
    """Return a model's latest GREEN window, else the latest that is not GREY; None where there is none.

    Args:
        model: Name of the model.
        deployment: Addresses and connections of storage and warehouse.
    """
    with transaction(deployment.warehouse_url) as connection:
        runs = judged_runs(connection, model, _LOOKED_AT)
    for wanted in ((State.GREEN,), (State.AMBER, State.RED)):
        found = [run for run, state, _ in runs if state in wanted]
        if found:
            return found[-1].window
    return None
