"""What becomes of each setting of a monitoring schedule: theirs, and ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from daywatch.adopt.sagemaker.schedule import MonitoringSchedule

_NONE = "no counterpart"
_AIRFLOW = f"{_NONE}: Airflow runs the tasks"

_OURS = (
    ("*MonitoringScheduleName", "model; model_monitor.cloudwatch.schedule"),
    ("*ScheduleConfig.ScheduleExpression", "schedule.window: a day, unless you write hour, week or month"),
    ("*.ScheduleConfig.*", f"{_NONE}: schedule.window says how long a window is"),
    ("*MonitoringType", "suite and drift, or plan.rules"),
    ("*JobDefinitionName", f"{_NONE}: the YAML is the definition"),
    ("*ConstraintsResource.S3Uri", "features, drift, suite or plan.rules: daywatch init --constraints"),
    ("*StatisticsResource.S3Uri", "baseline.dataset"),
    ("*BaselineConfig.BaseliningJobName", f"{_NONE}: `daywatch baseline` makes baselines"),
    ("*EndpointInput.EndpointName", "capture.endpoint; model_monitor.cloudwatch.endpoint"),
    ("*BatchTransformInput.DataCapturedDestinationS3Uri", "capture.prefix"),
    ("*GroundTruthS3Input.S3Uri", "labels.prefix"),
    ("*ProblemType", "output.task"),
    ("*ProbabilityThresholdAttribute", "output.threshold"),
    ("*InferenceAttribute", "output.at.prediction"),
    ("*ProbabilityAttribute", "output.at.probability"),
    ("*FeaturesAttribute", "features[].at"),
    ("*TimeOffset", "labels.delay_days"),
    ("*S3OutputPath", "DAYWATCH_ARTIFACTS_URI"),
    ("*S3Output.S3Uri", "DAYWATCH_ARTIFACTS_URI; model_monitor.files"),
    ("*.publish_cloudwatch_metrics", "model_monitor.cloudwatch"),
    (
        "*RecordPreprocessorSourceUri",
        f"{_NONE}: say where the values are with features[].at and capture.where",
    ),
    ("*PostAnalyticsProcessorSourceUri", f"{_NONE}: a DAG of your own can follow the asset of the verdict"),
    ("*RoleArn", f"{_NONE}: the key of the connection daywatch_s3"),
    ("*KmsKeyId", f"{_NONE}: the bucket encrypts"),
    ("*MonitoringResources.*", _AIRFLOW),
    ("*JobResources.*", _AIRFLOW),
    ("*NetworkConfig.*", _AIRFLOW),
    ("*StoppingCondition.*", _AIRFLOW),
    ("*AppSpecification.*", _AIRFLOW),
    ("*Environment.*", _AIRFLOW),
    ("DataCaptureConfig.DestinationS3Uri", "capture.prefix"),
    ("DataCaptureConfig.InitialSamplingPercentage", "read from the captures' own records"),
    ("DataCaptureConfig.CaptureContentTypeHeader.*", "read from the captures' own records"),
    ("DataCaptureConfig.*", f"{_NONE}: the endpoint goes on capturing as it does"),
)
"""Patterns of settings, the first that fits counts."""

_LEFT_OUT = (
    "*Arn", "*Time", "*Status", "*ExecutionSummary*", "*ExecutionSummaries*", "*LocalPath", "*S3InputMode",
    "*S3DataDistributionType", "*S3UploadMode", "*FailureReason",
)  # fmt: skip
"""What says nothing of how a model is monitored."""


class Counterpart(NamedTuple):
    """One setting.

    Attributes:
        theirs: Its path in the API's answer.
        value: Its value.
        ours: What it becomes, or that it becomes nothing.
    """

    theirs: str
    value: str
    ours: str


def counterparts(found: MonitoringSchedule) -> Iterator[Counterpart]:
    """Yield every setting of a schedule, its job definition and its capture configuration.

    Args:
        found: The schedule.
    """
    capture = {"DataCaptureConfig": found.endpoint.get("DataCaptureConfig") or {}}
    for document in (found.schedule, found.definition, capture):
        if document is found.definition and document is _own_definition(found):
            continue
        for path, value in _leaves(document):
            if path.endswith("RoleArn") or not any(fnmatchcase(path, one) for one in _LEFT_OUT):
                ours = next((ours for pattern, ours in _OURS if fnmatchcase(path, pattern)), _NONE)
                yield Counterpart(path, value, ours)


def _own_definition(found: MonitoringSchedule) -> Any:
    """Return the definition that is a part of the schedule, and comes with it."""
    return (found.schedule.get("MonitoringScheduleConfig") or {}).get("MonitoringJobDefinition")


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _leaves(one, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        if value and not any(isinstance(one, Mapping) for one in value):
            yield path, ", ".join(map(str, value))
        else:
            for one in value:
                yield from _leaves(one, path)
    elif value is not None:
        yield path, str(value)
