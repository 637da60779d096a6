"""A gate for DAGs of yours: wait for the verdict on a model's day, and go on only if it is good enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.sdk import BaseSensorOperator, PokeReturnValue
from airflow.sdk.exceptions import AirflowFailException

from daywatch.orchestration.deployment import airflow_deployment
from daywatch.results import State
from daywatch.window import DAY, Window

_SECONDS_BETWEEN = 60


class VerdictSensor(BaseSensorOperator):
    """Waits for the verdict on a window, and fails with its reason where it is worse than a state.

    Args:
        model: Name of the model.
        worst: The worst state that passes.
        window: The day, empty for that of the run.
        **kwargs: Arguments of every sensor.
    """

    template_fields: Sequence[str] = ("window",)

    def __init__(self, *, model: str, worst: str, window: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.model, self.worst, self.window = model, worst, window

    def poke(self, context: Any) -> PokeReturnValue:
        """Look for the verdict; its state, window, revision and reasons are what the task returns."""
        from daywatch.stages.verdict_of_window import stored_verdict

        wanted = _window(self.window, context["dag_run"])
        found = stored_verdict(self.model, wanted, airflow_deployment())
        if found is None:
            return PokeReturnValue(is_done=False)
        if State(found["state"]) > State(self.worst):
            reasons = "; ".join(found["reasons"])
            msg = f"{self.model} is {found['state']} on {wanted}, worse than {self.worst}: {reasons}"
            raise AirflowFailException(msg)
        return PokeReturnValue(is_done=True, xcom_value=found)


def require_verdict(
    model: str,
    *,
    not_worse_than: str = "AMBER",
    window: str = "",
    hours: float = 6,
    task_id: str = "",
) -> VerdictSensor:
    """Return a task that waits for a verdict, and fails with its reason where it is worse than a state.

    GREEN is better than GREY, GREY than AMBER, AMBER than RED: only ``not_worse_than="GREEN"`` also stops at missing
    evidence. A window that is judged again is taken at the revision that counts when the task looks.

    Args:
        model: Name of the model.
        not_worse_than: The worst state that passes: GREEN, GREY, AMBER or RED.
        window: The day to look at, such as 2013-02-09, as text or template; empty for the partition key of the run,
            or else the day before it.
        hours: How long it waits for the verdict; then it fails.
        task_id: Id of the task, ``require_verdict_<model>`` by default.

    Raises:
        ValueError: There is no such state.
    """
    return VerdictSensor(
        task_id=task_id or f"require_verdict_{model}",
        model=model,
        worst=State(not_worse_than).value,
        window=window,
        mode="reschedule",
        poke_interval=_SECONDS_BETWEEN,
        timeout=hours * 3600,
    )


def _window(day: str, run: Any) -> Window:
    """Return the window that a gate looks at.

    Raises:
        AirflowFailException: The day is none.
    """
    named = day or run.partition_key
    if not named:
        return Window.of_day((run.run_after - DAY).date())
    try:
        return Window.of_day(str(named))
    except ValueError as error:
        msg = f"This gate has no day to look at. {error}"
        raise AirflowFailException(msg) from error
