"""What a model's schedule needs of Airflow's providers, for `daywatch lint`."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from daywatch.config.loading.load import problem_at
from daywatch.config.model.model import MonitoredModel
from daywatch.errors import Problem

KUBERNETES = "apache-airflow-providers-cncf-kubernetes"


def has_kubernetes() -> bool:
    """Return whether Airflow's Kubernetes provider is installed; looks at no code of it."""
    try:
        distribution(KUBERNETES)
    except PackageNotFoundError:
        return False
    return True


def missing_provider(model: MonitoredModel, path: Path) -> Iterator[Problem]:
    """Yield the error of resources that no executor here can give.

    Args:
        model: The configuration.
        path: Its file, for the line of the error.
    """
    if model.schedule.resources is not None and not has_kubernetes():
        message = (
            f"resources are for tasks on Kubernetes, and {KUBERNETES} is not installed here, so they change "
            "nothing: install it where Airflow runs and where you lint, or remove the key"
        )
        yield problem_at(path, ("schedule", "resources"), message)
