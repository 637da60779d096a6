"""The asset of a model's verdicts: DAGs of yours can be scheduled by it, and read what it says."""

from __future__ import annotations

import os
from typing import Any

from airflow.sdk import Asset, AssetAlias, get_current_context

from daywatch.config.deployment.settings import read_settings
from daywatch.config.loading.load import find_model
from daywatch.orchestration.deployment import airflow_deployment
from daywatch.run import WindowRun


def verdict_asset(model: str) -> Asset:
    """Return the asset ``daywatch://<model>``; each verdict on a window of the model is one of its events.

    The extra of an event has ``state``, ``window``, ``revision`` and ``reasons``.

    Args:
        model: Name of the model.
    """
    return Asset(f"daywatch://{model}")


def verdict_alias(model: str) -> AssetAlias:
    """Return the outlet of the task that records verdicts.

    An asset with an address would load all providers, boto3 among them, at every parse of the DAG files.

    Args:
        model: Name of the model.
    """
    return AssetAlias(f"daywatch-verdicts-{model}")


def emit_verdict(model: str, extra: dict[str, Any]) -> None:
    """Say what the verdict of the current task's window is; Airflow stores it when the task succeeds.

    Args:
        model: Name of the model; the task has its alias among its outlets.
        extra: State, window, revision and reasons.
    """
    get_current_context()["outlet_events"][verdict_alias(model)].add(verdict_asset(model), extra=extra)


def rollout_uri(model: str) -> str:
    """Return the address of the asset of which each verdict on two versions of a model is an event.

    Args:
        model: Name of the model.
    """
    return f"daywatch://{model}/rollout"


def emit_stored_verdict(run: WindowRun) -> None:
    """Say what the verdict on a window is that was recorded.

    Args:
        run: The window's run; the task has the alias of its model among its outlets.
    """
    from daywatch.stages.verdict_of_window import stored_verdict

    verdict = stored_verdict(run.model, run.window, airflow_deployment())
    if verdict is not None:
        emit_verdict(run.model, verdict)


def emit_stored_rollout(run: WindowRun) -> None:
    """Say what the verdict on two versions is that serve at once, where the model has a rollout.

    The extra of the event has the window, the state, both versions, the numbers and the reason.

    Args:
        run: The window's run; the task of a model with a rollout has the alias of the asset among its outlets.
    """
    from daywatch.stages.rollout import stored_rollout

    if find_model(run.model, read_settings(os.environ).models).rollout is None:
        return
    uri = rollout_uri(run.model)
    extra = {"window": run.window.key, **stored_rollout(run, airflow_deployment()).model_dump(mode="json")}
    get_current_context()["outlet_events"][AssetAlias(uri)].add(Asset(name=uri, uri=uri), extra=extra)
