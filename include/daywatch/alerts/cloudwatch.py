"""A window's metrics for Amazon CloudWatch: under Model Monitor's names, and under Daywatch's own.

Names, namespace and dimensions: "CloudWatch Metrics" and "CloudWatch Metrics for Bring Your Own Containers" of the
SageMaker developer guide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from daywatch.alerts.aws import aws_errors
from daywatch.errors import SetupError
from daywatch.results import State

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import PutMetrics
    from daywatch.config.model.model import MonitoredModel
    from daywatch.config.model.model_monitor import CloudWatch
    from daywatch.profiles.profile import Profile
    from daywatch.results import Metric
    from daywatch.window import Window

THEIRS = "/aws/sagemaker/Endpoints/data-metrics"
OURS = "Daywatch"

_STATES = {State.GREEN: 0.0, State.AMBER: 1.0, State.RED: 2.0, State.GREY: 3.0}
_MOST = 500
"""Metrics of one request; CloudWatch takes at most 1,000."""

_LONGEST = 255


def monitor_metrics(
    settings: CloudWatch, model: MonitoredModel, window: Window, profile: Profile, metrics: Iterable[Metric]
) -> list[dict[str, Any]]:
    """Return the metrics of each feature under Model Monitor's names, as PutMetricData takes them.

    Args:
        settings: The dimensions.
        model: The model's configuration.
        window: The window, whose end is the metrics' time.
        profile: The profile of the window's rows.
        metrics: The window's metrics, for the drift.
    """
    dimensions = {"Endpoint": settings.endpoint, "MonitoringSchedule": settings.schedule}
    drift = {one.column: one.value for one in metrics if one.name == "drift_score" and not one.slice}
    found = []
    for feature in model.stored_features:
        column = profile.column(feature.name)
        if column is None:
            continue
        if column.type.is_numeric and column.count and column.mean is not None:
            values = {
                "SampleCount": float(column.count),
                "Sum": column.mean * column.count,
                "Minimum": column.min,
                "Maximum": column.max,
            }
            found.append(
                _datum(f"feature_data_{feature.name}", dimensions, window, {"StatisticValues": values})
            )
        if column.null_share is not None:
            complete = {"Value": 1 - column.null_share}
            found.append(_datum(f"feature_non_null_{feature.name}", dimensions, window, complete))
        if (value := drift.get(feature.name)) is not None:
            found.append(
                _datum(f"feature_baseline_drift_{feature.name}", dimensions, window, {"Value": value})
            )
    return found


def own_metrics(model: str, window: Window, state: State, metrics: Iterable[Metric]) -> list[dict[str, Any]]:
    """Return the verdict (0 GREEN, 1 AMBER, 2 RED, 3 GREY) and the metrics of all rows under Daywatch's names.

    Args:
        model: Name of the model.
        window: The window, whose end is the metrics' time.
        state: The verdict.
        metrics: The window's metrics; those of classes and slices are left out.
    """
    found = [_datum("verdict", {"Model": model}, window, {"Value": _STATES[state]})]
    for one in metrics:
        if one.value is not None and not one.slice and not one.class_name:
            dimensions = {"Model": model, **({"Column": one.column} if one.column else {})}
            found.append(_datum(one.name, dimensions, window, {"Value": float(one.value)}))
    return found


def put(
    settings: CloudWatch, of: Iterable[tuple[str, list[dict[str, Any]]]], send: PutMetrics | None
) -> None:
    """Put metrics into CloudWatch.

    Args:
        settings: The connection.
        of: Metrics by namespace.
        send: Puts metrics through Airflow's hook; None outside Airflow.

    Raises:
        SetupError: There is no Airflow to ask, or AWS refuses for good.
        InfrastructureError: AWS did not answer, or refuses for now.
    """
    if send is None:
        msg = "CloudWatch gets metrics only from Airflow, whose amazon provider signs them."
        raise SetupError(msg)
    needed = f"Give the key of the connection {settings.connection!r} the right cloudwatch:PutMetricData."
    with aws_errors("CloudWatch", "metrics", needed):
        for namespace, part in _parts(of):
            send(settings.connection, namespace, part)


def _parts(of: Iterable[tuple[str, list[dict[str, Any]]]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for namespace, data in of:
        for part in _batches(data):
            yield namespace, part


def _batches(data: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(data), _MOST):
        yield data[start : start + _MOST]


def _datum(name: str, dimensions: dict[str, str], window: Window, value: dict[str, Any]) -> dict[str, Any]:
    named = [{"Name": key, "Value": _ascii(one)} for key, one in dimensions.items()]
    return {"MetricName": _ascii(name), "Dimensions": named, "Timestamp": window.end, **value}


def _ascii(name: str) -> str:
    return name.encode("ascii", "replace").decode()[:_LONGEST]
