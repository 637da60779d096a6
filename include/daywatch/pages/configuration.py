"""A model's YAML, for what the warehouse does not have; a model may have retired, or its YAML may have errors."""

from __future__ import annotations

import logging
from datetime import date

from daywatch.config.deployment.deployment import Deployment
from daywatch.config.loading.load import find_model
from daywatch.config.model.model import MonitoredModel
from daywatch.errors import ConfigurationError

log = logging.getLogger("daywatch.pages")


def known_model(name: str, deployment: Deployment) -> tuple[MonitoredModel | None, str]:
    """Return a model's configuration, or None and the reason.

    Args:
        name: Name of the model.
        deployment: Where the YAML files are.
    """
    try:
        return find_model(name, deployment.models), ""
    except ConfigurationError as error:
        log.warning("%s: %s", name, error)
        return None, (
            "The model's YAML is not there or has errors; the log of Airflow's api-server says more."
        )


def silence_on(name: str, day: date, deployment: Deployment) -> str:
    """Return why a model is not judged on a day, by its YAML; empty where it is, or where nobody knows.

    Args:
        name: Name of the model.
        day: The day.
        deployment: Where the YAML files are.
    """
    try:
        return find_model(name, deployment.models).schedule.silence_on(day)
    except ConfigurationError:
        return ""
