"""The section ``schedule``: when Airflow judges a model, and where and in how many tasks."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from daywatch.config.base import Frozen, one_line, shaped


class DayTasks(StrEnum):
    """How many tasks of Airflow a model-day is."""

    STAGES = "stages"
    ONE = "one"


def _fires(cron: str) -> str:
    """Check a cron expression as Airflow reads it."""
    from croniter import CroniterError, croniter

    example = "such as '0 6 * * *' for six in the morning"
    if len(cron.split()) != 5:
        msg = f"expected five fields (minute, hour, day, month, weekday), {example}, but received {cron!r}"
        raise ValueError(msg)
    try:
        croniter(cron, datetime(2024, 1, 1, tzinfo=UTC)).get_next(datetime)
    except CroniterError as error:
        msg = f"expected a cron expression that fires, {example}, but received {cron!r}: {error}"
        raise ValueError(msg) from None
    return cron


Bytes = Annotated[str, shaped(r"[1-9][0-9]{0,5}(Mi|Gi)", "a size in Mi or Gi, such as '512Mi' or '2Gi'")]


class Resources(Frozen):
    """What a task's container gets on Kubernetes; requested and the limit at the same time.

    Attributes:
        cpu: Processors.
        memory: Memory.
        scratch: Space on the node's disk, for the task's files.
    """

    cpu: float | None = Field(default=None, ge=0.1, le=256)
    memory: Bytes | None = None
    scratch: Bytes | None = None

    @model_validator(mode="after")
    def _any(self) -> Resources:
        if self.cpu is None and self.memory is None and self.scratch is None:
            msg = "expected at least one of cpu, memory and scratch"
            raise ValueError(msg)
        return self


class Schedule(Frozen):
    """When the monitor runs, and how Airflow runs the tasks of all the model's DAGs.

    Attributes:
        cron: When the previous day is judged, as a cron expression in UTC.
        first_window: The first day that is monitored.
        last_window: The last day that is monitored; None while the model is in use.
        catchup: Whether Airflow runs missed days automatically.
        max_active_runs: How many windows of this model may run at once.
        deadline_minutes: Minutes that a run may take before a mail reports that the day is late.
        tasks: Whether each stage of a day is a task, or the day is one.
        executor: Name or alias of one of Airflow's executors; None for the first of ``[core] executor``.
        queue: Queue of the tasks; None for Airflow's default.
        pool: Pool of the tasks; None for Airflow's default.
        resources: What a task's container gets on Kubernetes; None for what the pod template says.
    """

    cron: Annotated[str, AfterValidator(_fires)] = "0 6 * * *"
    first_window: date
    last_window: date | None = None
    catchup: bool = False
    max_active_runs: int = Field(default=1, ge=1, le=32)
    deadline_minutes: int = Field(default=120, ge=1, le=43_200)
    tasks: DayTasks = DayTasks.STAGES
    executor: (
        Annotated[
            str, shaped(r"[A-Za-z_][\w.]{0,999}", "an executor's name or alias, such as 'KubernetesExecutor'")
        ]
        | None
    ) = None
    # The lengths are those of Airflow's table task_instance.
    queue: Annotated[str, Field(min_length=1, max_length=256), AfterValidator(one_line)] | None = None
    pool: Annotated[str, Field(min_length=1, max_length=256), AfterValidator(one_line)] | None = None
    resources: Resources | None = None

    def is_over(self, at: datetime) -> bool:
        """Return whether the last window has ended at a time: the model is replayed from history.

        Args:
            at: A time in UTC.
        """
        return self.last_window is not None and self.last_window < at.date()
