"""A monitoring schedule of SageMaker, with what it names: job definition, endpoint and capture configuration."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daywatch.errors import InfrastructureError, SetupError
from daywatch.text import shown

Describe = Callable[[str, dict[str, str]], dict[str, Any]]
"""Answers a call of the API: its name, such as ``DescribeEndpoint``, and its arguments."""

_DEFINITIONS = {
    "DataQuality": "DescribeDataQualityJobDefinition",
    "ModelQuality": "DescribeModelQualityJobDefinition",
    "ModelBias": "DescribeModelBiasJobDefinition",
    "ModelExplainability": "DescribeModelExplainabilityJobDefinition",
}


@dataclass(frozen=True)
class MonitoringSchedule:
    """What the API says of a schedule.

    Attributes:
        schedule: The answer of DescribeMonitoringSchedule.
        definition: The answer of DescribeDataQualityJobDefinition or that of another kind; or the schedule's own
            definition.
        endpoint: The answer of DescribeEndpoint; empty for batch jobs.
    """

    schedule: Mapping[str, Any]
    definition: Mapping[str, Any]
    endpoint: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """What it monitors, such as ``DataQuality``."""
        return str(_at(self.schedule, "MonitoringScheduleConfig.MonitoringType") or "DataQuality")

    @property
    def input(self) -> Mapping[str, Any]:
        """Where the job reads captures: endpoint, or folder of batch captures, and ground truth."""
        inputs = _at(self.definition, "MonitoringInputs") or []
        own = inputs[0] if inputs else self.definition.get(f"{self.kind}JobInput")
        return own if isinstance(own, Mapping) else {}

    @property
    def captures(self) -> str:
        """The folder of the captures.

        Raises:
            SetupError: Nothing says it.
        """
        batch = _at(self.input, "BatchTransformInput.DataCapturedDestinationS3Uri")
        destination = _at(self.endpoint, "DataCaptureConfig.DestinationS3Uri")
        name = _at(self.input, "EndpointInput.EndpointName")
        variants = self.endpoint.get("ProductionVariants") or [{}]
        if batch:
            return str(batch).rstrip("/")
        if destination and name:
            variant = variants[0].get("VariantName") or "AllTraffic"
            return f"{str(destination).rstrip('/')}/{name}/{variant}"
        msg = (
            "Nothing says where the captures are: expected DataCaptureConfig.DestinationS3Uri of the endpoint, or "
            "BatchTransformInput of the job definition."
        )
        raise SetupError(msg)

    @property
    def labels(self) -> str | None:
        """The folder of the ground truth; None for none."""
        found = _at(self.input, "GroundTruthS3Input.S3Uri")
        return str(found).rstrip("/") if found else None

    @property
    def constraints(self) -> str | None:
        """The address of the constraints; None for none."""
        return self._resource("ConstraintsResource")

    @property
    def statistics(self) -> str | None:
        """The address of the statistics of data quality; None for none: those of model quality are no distributions."""
        return self._resource("StatisticsResource") if self.kind == "DataQuality" else None

    def _resource(self, name: str) -> str | None:
        config = next(
            (value for key, value in self.definition.items() if key.endswith("BaselineConfig")), None
        )
        found = _at(config or {}, f"{name}.S3Uri")
        return str(found) if found else None


def read_schedule(name: str, describe: Describe) -> MonitoringSchedule:
    """Read a schedule and what it names.

    Args:
        name: Name of the schedule.
        describe: Answers the calls.

    Raises:
        SetupError: One of them does not exist, or is of a kind that has no counterpart.
        InfrastructureError: AWS did not answer.
    """
    schedule = describe("DescribeMonitoringSchedule", {"MonitoringScheduleName": name})
    config = schedule.get("MonitoringScheduleConfig") or {}
    kind = str(config.get("MonitoringType") or "DataQuality")
    if kind not in ("DataQuality", "ModelQuality"):
        msg = (
            f"The schedule {shown(name)} monitors {shown(kind)}, which Daywatch does not: adopt schedules of "
            "DataQuality and ModelQuality."
        )
        raise SetupError(msg)
    definition = config.get("MonitoringJobDefinition")
    if definition is None:
        named = {"JobDefinitionName": str(config.get("MonitoringJobDefinitionName") or name)}
        definition = describe(_DEFINITIONS[kind], named)
    found = MonitoringSchedule(schedule, definition, {})
    endpoint = _at(found.input, "EndpointInput.EndpointName")
    if not endpoint:
        return found
    described = describe("DescribeEndpoint", {"EndpointName": str(endpoint)})
    configured = described.get("EndpointConfigName")
    if configured:
        own = describe("DescribeEndpointConfig", {"EndpointConfigName": str(configured)})
        described = {**own, **described, "DataCaptureConfig": own.get("DataCaptureConfig")}
    return MonitoringSchedule(schedule, definition, described)


def from_folder(folder: Path, otherwise: Describe | None = None) -> Describe:
    """Return how calls are answered from files with the API's JSON, such as ``DescribeEndpoint.json``.

    Args:
        folder: The folder of the files.
        otherwise: Answers the calls that have no file; None: they are an error.
    """

    def describe(call: str, arguments: dict[str, str]) -> dict[str, Any]:
        path = folder / f"{call}.json"
        if not path.is_file():
            if otherwise is not None:
                return otherwise(call, arguments)
            said = ", ".join(f"{key} {value}" for key, value in arguments.items())
            msg = f"There is no {path} for {shown(said)}: save the API's answer there."
            raise SetupError(msg)
        try:
            found = json.loads(path.read_bytes())
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            msg = f"{path} is no JSON object: expected the answer of `aws sagemaker`, as the API gives it."
            raise SetupError(msg)
        return found

    return describe


def from_api(region: str | None = None, endpoint_url: str | None = None) -> Describe:
    """Return how calls are answered by AWS, with the machine's credentials.

    Args:
        region: The region; None for the machine's.
        endpoint_url: Another address than AWS'.
    """
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    client: Any = None

    def describe(call: str, arguments: dict[str, str]) -> dict[str, Any]:
        nonlocal client
        try:
            client = client or boto3.client("sagemaker", region_name=region, endpoint_url=endpoint_url)
            method = next(name for name, api in client.meta.method_to_api_mapping.items() if api == call)
            found = dict(getattr(client, method)(**arguments))
        except ClientError as error:
            reason = str(error.response.get("Error", {}).get("Message", "")) or "no reason"
            msg = f"SageMaker refused {call} ({', '.join(arguments.values())}): {shown(reason)}."
            raise SetupError(msg) from None
        except BotoCoreError as error:
            msg = f"SageMaker did not answer {call}: {type(error).__name__}. Name a region, or check the credentials."
            raise InfrastructureError(msg) from None
        found.pop("ResponseMetadata", None)
        return found

    return describe


def _at(document: Mapping[str, Any], path: str) -> Any:
    found: Any = document
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found
