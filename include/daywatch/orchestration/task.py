"""Task defaults: retries only when infrastructure fails, and a mail when a task fails."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from daywatch.errors import InfrastructureError
from daywatch.orchestration.execution import execution
from daywatch.orchestration.notices import failure_notice

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel

P = ParamSpec("P")
R = TypeVar("R")


def default_args(model: MonitoredModel) -> dict[str, Any]:
    """Return the default arguments of all tasks of a model: owner, retries, failure mail, and where it runs."""
    return {**owned_by(model.owner), "on_failure_callback": failure_notice(model), **execution(model)}


def owned_by(owner: str) -> dict[str, Any]:
    """Return the default arguments of the tasks of a DAG that belongs to no model: owner and retries.

    Args:
        owner: The team that looks after the DAG.
    """
    return {
        "owner": owner,
        "retries": 4,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=15),
    }


def stage_task(function: Callable[P, R]) -> Callable[P, Any]:
    """Make a task of a function, as Airflow's ``@task`` does, that retries only an ``InfrastructureError``.

    A wrong configuration, missing setup or a defect fails at once: another try would fail in the same way.

    Args:
        function: The body of the task; its name becomes the task's id.
    """
    made: Callable[P, Any] = task(_guarded(function))
    return made


def stage_task_of(kind: Callable[..., Any]) -> Callable[[Callable[P, R]], Callable[P, Any]]:
    """Return ``stage_task`` with another decorator of Airflow than its plain ``@task``.

    Args:
        kind: Airflow's decorator, such as ``task.branch`` or ``task(trigger_rule=...)``.
    """

    def decorated(function: Callable[P, R]) -> Callable[P, Any]:
        made: Callable[P, Any] = kind(_guarded(function))
        return made

    return decorated


def _guarded(function: Callable[P, R]) -> Callable[P, R]:
    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except (InfrastructureError, AirflowFailException, AirflowSkipException):
            raise
        except Exception as error:
            msg = f"{type(error).__name__}: {error}"
            raise AirflowFailException(msg) from error

    return guarded
