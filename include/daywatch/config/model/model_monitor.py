"""The section ``model_monitor``: a window's results for readers of SageMaker Model Monitor's."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from daywatch.config.base import Frozen
from daywatch.config.model.alerts import ConnectionName


class CloudWatch(Frozen):
    """Where metrics go in Amazon CloudWatch.

    Attributes:
        connection: The Airflow connection of type aws.
        endpoint: The dimension ``Endpoint`` of Model Monitor's names.
        schedule: The dimension ``MonitoringSchedule`` of Model Monitor's names.
    """

    connection: ConnectionName
    endpoint: Annotated[str, Field(min_length=1, max_length=250)]
    schedule: Annotated[str, Field(min_length=1, max_length=250)]


class ModelMonitor(Frozen):
    """What is written as Model Monitor writes it.

    Attributes:
        files: Whether a window's folder has ``constraint_violations.json``, ``statistics.json`` and
            ``constraints.json``.
        cloudwatch: Where metrics go in CloudWatch; None: nowhere.
    """

    files: bool = False
    cloudwatch: CloudWatch | None = None
