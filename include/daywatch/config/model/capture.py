"""Where a model's captures lie and in which format: one class a source, told apart by ``source``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from daywatch.config.base import Frozen

FolderPath = Annotated[str, Field(pattern=r"^([A-Za-z0-9._=-]+(/[A-Za-z0-9._=-]+)*)?$")]
PathPart = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]

JsonPath = Annotated[str, Field(pattern=r'^\$(\.("[^"*]+"|[^\s."*\[\]]+)|\[\d+\])*$')]
"""A path in JSON such as ``$.customer.age`` or ``$.scores[0]``; keys with dots stand in double quotes."""


def _has_a_day(value: str) -> str:
    if not all(part in value for part in ("%Y", "%m", "%d")):
        msg = "expected %Y, %m and %d in the partition, such as '%Y/%m/%d' or 'dt=%Y-%m-%d'"
        raise ValueError(msg)
    return value


Partition = Annotated[
    str,
    Field(pattern=r"^([A-Za-z0-9._=-]|%[YmdH]|\*)+(/([A-Za-z0-9._=-]|%[YmdH]|\*)+)*$"),
    AfterValidator(_has_a_day),
]
"""How paths name the time, in strftime's words: folders, or files where it holds ``*``."""


class Limits(Frozen):
    """What is refused rather than read.

    Attributes:
        object_megabytes: A larger object, packed or unpacked, goes to quarantine as a whole.
        line_megabytes: A longer line goes to quarantine.
    """

    object_megabytes: int = Field(default=4096, ge=1)
    line_megabytes: int = Field(default=64, ge=1, le=1024)


class Payload(Frozen):
    """How requests and responses are laid out; features and outputs name their place with ``at``.

    Attributes:
        parts: Which of request and response were captured; what was not is missing in every row.
        header: CSV requests begin with a row of names.
        request_rows: JSON path of the list of rows in a request, such as ``$.instances``; none: the
            request is one row.
        response_rows: JSON path of the list of rows in a response, such as ``$.predictions``.
    """

    parts: Literal["both", "request", "response"] = "both"
    header: bool = False
    request_rows: JsonPath | None = None
    response_rows: JsonPath | None = None


class SageMakerRealtime(Frozen):
    """SageMaker's real-time capture: ``{prefix}/{endpoint}/{variant}/yyyy/mm/dd/hh/*.jsonl[.gz]``.

    Attributes:
        endpoint: SageMaker endpoint name, the first folder below ``prefix``.
        variant: Production variant, the second folder.
        prefix: Folder between the data URI and the endpoint, empty for none.
        sampling_percent: The endpoint's ``InitialSamplingPercentage``, which its captures do not tell.
        payload: How requests and responses are laid out.
        limits: What is refused.
    """

    source: Literal["sagemaker_realtime"] = "sagemaker_realtime"
    endpoint: PathPart
    variant: PathPart = "AllTraffic"
    prefix: FolderPath = ""
    sampling_percent: Annotated[float, Field(gt=0, le=100)] | None = None
    payload: Payload = Payload()
    limits: Limits = Limits()


class SageMakerBatch(Frozen):
    """SageMaker's Batch Transform capture: ``{prefix}/{input,output}/yyyy/mm/dd/hh/`` with manifests.

    Attributes:
        prefix: The capture's destination below the data URI.
        inference_columns: The output ends with an inference id and a time (GenerateInferenceId).
        joined: The output holds the input before the answer (DataProcessing.JoinSource Input).
        payload: How the files are laid out.
        limits: What is refused.
    """

    source: Literal["sagemaker_batch"]
    prefix: Annotated[FolderPath, Field(min_length=1)]
    inference_columns: bool = True
    joined: bool = False
    payload: Payload = Payload()
    limits: Limits = Limits()


class TransactionRecords(Frozen):
    """Inference transaction records of self-hosted models, JSON Lines or Parquet.

    Attributes:
        prefix: Folder below the data URI.
        partition: How the path below it names the day or hour, in strftime's words.
        id: Path of the inference id; a record without one is known by its key and number.
        confidence: Path of a number beside the response, such as ``$.confidence``; it is then read as part of the
            response: the key ``confidence`` of an object, the last value of a list or of CSV.
        model_name: Only records of this model; none: all.
        environment: Only records of this environment; none: all.
        payload: How requests and responses are laid out.
        limits: What is refused.
    """

    source: Literal["transaction_records"]
    prefix: Annotated[FolderPath, Field(min_length=1)]
    partition: Partition = "%Y/%m/%d/%H"
    id: JsonPath = "$.transaction_id"
    confidence: JsonPath | None = None
    model_name: str | None = None
    environment: str | None = None
    payload: Payload = Payload()
    limits: Limits = Limits()


class PlainTable(Frozen):
    """Parquet or CSV tables, a row an inference.

    Attributes:
        prefix: Folder below the data URI.
        partition: How the path below it names the day or hour, such as ``%Y/%m/%d`` or ``dt=%Y-%m-%d``.
        time_column: Column of the inference's time; none: the path's time counts.
        id_column: Column of the inference id; none: key and row number make one.
        limits: What is refused.
    """

    source: Literal["table"]
    prefix: Annotated[FolderPath, Field(min_length=1)]
    partition: Partition = "%Y/%m/%d"
    time_column: str | None = None
    id_column: str | None = None
    limits: Limits = Limits()

    @property
    def payload(self) -> Payload:
        """Return the layout: columns by name."""
        return Payload()


SOURCE_MODELS: dict[str, type[Frozen]] = {
    "sagemaker_realtime": SageMakerRealtime,
    "sagemaker_batch": SageMakerBatch,
    "transaction_records": TransactionRecords,
    "table": PlainTable,
}
"""The configuration of each source, by the name it has in the YAML."""

CARRIED: dict[str, frozenset[str]] = {
    "sagemaker_realtime": frozenset({"size"}),
    "sagemaker_batch": frozenset(),
    "transaction_records": frozenset({"latency", "status", "size"}),
    "table": frozenset(),
}
"""What the captures of each source tell about how a request was served."""


def _source_of(value: Any) -> str:
    """Return the source that a mapping names; real-time capture where it names none."""
    named = value.get("source") if isinstance(value, dict) else getattr(value, "source", None)
    return "sagemaker_realtime" if named is None else str(named)


Capture = Annotated[
    Annotated[SageMakerRealtime, Tag("sagemaker_realtime")]
    | Annotated[SageMakerBatch, Tag("sagemaker_batch")]
    | Annotated[TransactionRecords, Tag("transaction_records")]
    | Annotated[PlainTable, Tag("table")],
    Discriminator(_source_of),
]
