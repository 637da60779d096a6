"""Where and in which order Airflow runs a model's tasks: executor, queue, pool, resources, priority."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from daywatch.config.base import nearest
from daywatch.config.loading.load import problem_at
from daywatch.config.loading.provider_checks import has_kubernetes
from daywatch.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from daywatch.config.model.model import MonitoredModel
    from daywatch.config.model.schedule import Resources, Schedule

LOWEST_TIER = 4


def execution(model: MonitoredModel) -> dict[str, Any]:
    """Return the arguments of all tasks of a model that say where and in which order they run.

    By the rule ``upstream``, a task weighs what the tasks before it weigh, and its own weight: the next task of a
    model-day that has begun goes before the first of another. One task of a tier weighs ten times that of the
    next tier, which is more than a whole day (eight tasks deep) of that one.
    """
    chosen = {name: getattr(model.schedule, name) for name in ("executor", "queue", "pool")}
    return {
        "weight_rule": "upstream",
        "priority_weight": 10 ** (LOWEST_TIER - model.tier),
        **{name: value for name, value in chosen.items() if value is not None},
        **_pod_override(model.schedule),
    }


def check_executor(model: MonitoredModel, path: Path) -> None:
    """Check that Airflow has the model's executor, which it does itself only for all DAGs of a file together.

    Args:
        model: The configuration.
        path: Its file, for the line of the error.

    Raises:
        ConfigurationError: There is no such executor.
    """
    wanted = model.schedule.executor
    if wanted is None:
        return
    from airflow.executors.executor_loader import ExecutorLoader

    names = ExecutorLoader.get_executor_names(validate_teams=False)
    aliases = [one.alias or one.module_path.rpartition(".")[2] for one in names]
    if wanted not in (*aliases, *(one.module_path for one in names)):
        message = (
            f"this Airflow has no executor {wanted!r}{nearest(wanted, aliases)}; "
            f"[core] executor names {', '.join(aliases)}"
        )
        raise ConfigurationError((problem_at(path, ("schedule", "executor"), message),))


def _pod_override(schedule: Schedule) -> dict[str, Any]:
    """Return what the Kubernetes executor changes in the pod template; nothing without its provider."""
    if schedule.resources is None or not has_kubernetes():
        return {}
    client = import_module("kubernetes.client.models")
    amounts = quantities(schedule.resources)
    container = client.V1Container(
        name="base",  # the provider's name of the container in which the task runs
        resources=client.V1ResourceRequirements(requests=amounts, limits=amounts),
    )
    return {"executor_config": {"pod_override": client.V1Pod(spec=client.V1PodSpec(containers=[container]))}}


def quantities(resources: Resources) -> dict[str, str]:
    """Return resources as Kubernetes names and counts them."""
    found = {
        "cpu": f"{round(resources.cpu * 1000)}m" if resources.cpu is not None else None,
        "memory": resources.memory,
        "ephemeral-storage": resources.scratch,
    }
    return {name: amount for name, amount in found.items() if amount is not None}
