"""A gate for DAGs of yours: wait for the verdict on a model's day, and go on only if it is good enough."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from airflow.sdk import BaseSensorOperator, PokeReturnValue
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from daywatch.config.deployment.settings import read_settings
from daywatch.config.loading.load import find_model
from daywatch.config.model.schedule import Schedule
from daywatch.orchestration.deployment import airflow_deployment
from daywatch.results import State
from daywatch.window import Window

_SECONDS_BETWEEN = 60


class VerdictSensor(BaseSensorOperator):
    """Waits for the verdict on a window, and fails with its reasons where its state may not pass.

    Args:
        model: Name of the model.
        passing: The states that pass.
        window: The window, empty for that of the run.
        **kwargs: Arguments of every sensor.
    """

    template_fields: Sequence[str] = ("window",)

    def __init__(self, *, model: str, passing: Sequence[str], window: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.model, self.passing, self.window = model, passing, window

    def poke(self, context: Any) -> PokeReturnValue:
        """Look for the verdict; its state, window, revision and reasons are what the task returns."""
        from daywatch.stages.verdict_of_window import stored_verdict

        schedule = find_model(self.model, read_settings(os.environ).models).schedule
        wanted = _window(self.window, context["dag_run"], schedule)
        found = stored_verdict(self.model, wanted, airflow_deployment())
        if found is None:
            _skip_silent(self.model, wanted, schedule)
            return PokeReturnValue(is_done=False)
        if found["state"] not in self.passing:
            reasons = "; ".join(found["reasons"])
            msg = f"{self.model} is {found['state']} on {wanted}, expected {' or '.join(self.passing)}: {reasons}"
            raise AirflowFailException(msg)
        return PokeReturnValue(is_done=True, xcom_value=found)


def _skip_silent(model: str, window: Window, schedule: Schedule) -> None:
    """Skip where the model is never judged.

    Raises:
        AirflowSkipException: All days of the window are in ``schedule.silent``.
    """
    if silence := schedule.silence_in(window.first, window.last):
        msg = f"{model} is silent on {window} ({silence}): no captures are expected, so there is no verdict."
        raise AirflowSkipException(msg)


def require_verdict(
    model: str,
    *,
    not_worse_than: str = "AMBER",
    allow_grey: bool = False,
    window: str = "",
    hours: float = 6,
    task_id: str = "",
) -> VerdictSensor:
    """Return a task that waits for a verdict, and fails with its reasons where it is worse than a state.

    GREY is missing evidence: it fails whatever the worst state is, unless ``allow_grey`` is set. A window that is
    judged again is taken at the revision that counts when the task looks. On a day of ``schedule.silent``, which has
    no verdict, the task and what follows it are skipped.

    Args:
        model: Name of the model.
        not_worse_than: The worst state that passes: GREEN, AMBER or RED.
        allow_grey: Whether GREY passes too.
        window: The window to look at, such as 2013-02-09, as text or template; empty for the partition key of the
            run, or else the last window that was over when the run was due.
        hours: How long it waits for the verdict; then it fails.
        task_id: Id of the task, ``require_verdict_<model>`` by default.

    Raises:
        ValueError: ``not_worse_than`` is none of these states.
    """
    order = [State.GREEN.value, State.AMBER.value, State.RED.value]
    if not_worse_than not in order:
        msg = f"Expected not_worse_than to be one of {', '.join(order)}, but received {not_worse_than!r}."
        raise ValueError(msg)
    passing = order[: order.index(not_worse_than) + 1]
    return VerdictSensor(
        task_id=task_id or f"require_verdict_{model}",
        model=model,
        passing=[*passing, State.GREY.value] if allow_grey else passing,
        window=window,
        mode="reschedule",
        poke_interval=_SECONDS_BETWEEN,
        timeout=hours * 3600,
    )


def _window(named: str, run: Any, schedule: Schedule) -> Window:
    """Return the window that a gate looks at.

    Raises:
        AirflowFailException: What the gate or its run names is no window of the model.
    """
    named = named or run.partition_key
    if not named:
        return schedule.window_before(run.run_after)
    try:
        return schedule.window_named(str(named))
    except ValueError as error:
        msg = f"This gate has no window to look at. {error}"
        raise AirflowFailException(msg) from error
