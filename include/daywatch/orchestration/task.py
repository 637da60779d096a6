"""Task defaults: retries for infrastructure only, and a mail when the code fails."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from daywatch.errors import InfrastructureError
from daywatch.orchestration.notices import failure_notice

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel

P = ParamSpec("P")
R = TypeVar("R")

RETRIES = 4
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(minutes=15)


def default_args(model: MonitoredModel) -> dict[str, Any]:
    """Return what all tasks of a model share."""
    return {
        "owner": model.owner,
        "retries": RETRIES,
        "retry_delay": FIRST_DELAY,
        "retry_exponential_backoff": True,
        "max_retry_delay": LONGEST_DELAY,
        "on_failure_callback": failure_notice(model),
    }


def stage_task(function: Callable[P, R]) -> Callable[P, Any]:
    """Make a task of a function: Airflow's ``@task``, where only infrastructure is worth a retry.

    Everything else, a wrong configuration or a defect, fails at once: a second try would say the same.
    """

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except (InfrastructureError, AirflowFailException, AirflowSkipException):
            raise
        except Exception as error:
            msg = f"{type(error).__name__}: {error}"
            raise AirflowFailException(msg) from error

    return task(guarded)
