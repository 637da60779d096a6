"""Where a model's captures are and in which format: one class for each ``source``."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, field_validator

from daywatch.config.base import Frozen, shaped
from daywatch.config.model.data_place import ConnectionId, DataPlace
from daywatch.config.model.queries import check_parameters, parameters_in

FolderPath = Annotated[
    str, shaped(r"([A-Za-z0-9._=-]+(/[A-Za-z0-9._=-]+)*)?", "a folder without '..', such as 'captures/shop'")
]
PathPart = Annotated[
    str,
    shaped(
        r"[A-Za-z0-9][A-Za-z0-9._-]*", "a name of letters, digits, '.', '-' and '_', such as 'shop-endpoint'"
    ),
]

JSON_PATH = re.compile(r'\$(\.("[^"*]+"|[^\s."*\[\]]+)|\[\d+\])*')

JsonPath = Annotated[
    str,
    shaped(JSON_PATH.pattern, "a path in JSON, such as '$.customer.age' or '$.scores[0]'"),
]
"""A path in JSON such as ``$.customer.age`` or ``$.scores[0]``; keys with dots are in double quotes."""


def _has_a_day(value: str) -> str:
    if not all(part in value for part in ("%Y", "%m", "%d")):
        msg = "expected %Y, %m and %d in the partition, such as '%Y/%m/%d' or 'dt=%Y-%m-%d'"
        raise ValueError(msg)
    return value


Partition = Annotated[
    str,
    shaped(
        r"([A-Za-z0-9._=-]|%[YmdH]|\*)+(/([A-Za-z0-9._=-]|%[YmdH]|\*)+)*",
        "a pattern of folders with %Y, %m, %d and %H, such as '%Y/%m/%d' or 'dt=%Y-%m-%d'",
    ),
    AfterValidator(_has_a_day),
]
"""How paths name the time, in strftime's format codes: folders, or files where it contains ``*``."""


class Limits(Frozen):
    """Limits beyond which captures go to quarantine.

    Attributes:
        object_megabytes: Mebibytes of an object, packed or unpacked; a larger one goes to quarantine as a whole.
        line_megabytes: Mebibytes of a line; a longer one goes to quarantine.
    """

    object_megabytes: int = Field(default=4096, ge=1)
    line_megabytes: int = Field(default=64, ge=1, le=1024)


PayloadKind = Literal["csv", "json", "jsonl"]


class Payload(Frozen):
    """The layout of requests and responses; features and outputs name their place with ``at``.

    Attributes:
        parts: The captured parts; values of the other part are missing in every row.
        request_kind: What a request is, whatever its content type says; None: what that says.
        response_kind: What a response is, whatever its content type says; None: what that says.
        header: Whether CSV requests begin with a row of names.
        request_rows: JSON path of the list of rows in a request, such as ``$.instances``; None: a request is one
            row.
        response_rows: JSON path of the list of rows in a response, such as ``$.predictions``; None: a response is
            one row.
    """

    parts: Literal["both", "request", "response"] = "both"
    request_kind: PayloadKind | None = None
    response_kind: PayloadKind | None = None
    header: bool = False
    request_rows: JsonPath | None = None
    response_rows: JsonPath | None = None


KeptName = Annotated[
    str, shaped(r"[a-z][a-z0-9_]{0,59}", "a name of lower-case letters, digits and _, such as 'server'")
]

MOST_KEPT = 20
"""At most so many values are kept besides a payload."""

RECORD_VALUES = {
    "event_id": "VARCHAR",
    "inference_id": "VARCHAR",
    "status": "VARCHAR",
    "latency_ms": "DOUBLE",
    "request_bytes": "BIGINT",
    "response_bytes": "BIGINT",
    "model_version": "VARCHAR",
    "variant": "VARCHAR",
}
"""What ``where`` may name besides the kept values, with DuckDB's types: what sources read of each record."""


class Selection(Frozen):
    """Which records count, and what is kept of them besides the payload.

    Attributes:
        where: SQL expression on a record; records for which it is false are counted and not read any further.
        keep: Values that are stored with each record: the JSON path in the record, by the value's name.
    """

    where: Annotated[str, Field(max_length=2000)] = ""
    keep: Annotated[dict[KeptName, JsonPath], Field(max_length=MOST_KEPT)] = Field(default_factory=dict)


class SageMakerRealtime(Selection, DataPlace):
    """SageMaker's real-time capture: ``{prefix}/{endpoint}/{variant}/yyyy/mm/dd/hh/*.jsonl[.gz]``.

    Attributes:
        endpoint: SageMaker endpoint name, the first folder below ``prefix``.
        variant: Production variant, the second folder.
        prefix: Folder between the data URI and the folder of the endpoint, empty for none.
        sampling_percent: The endpoint's ``InitialSamplingPercentage``, which the captures do not contain.
        payload: The layout of requests and responses.
        limits: Limits beyond which captures go to quarantine.
    """

    source: Literal["sagemaker_realtime"] = "sagemaker_realtime"
    endpoint: PathPart
    variant: PathPart = "AllTraffic"
    prefix: FolderPath = ""
    sampling_percent: Annotated[float, Field(gt=0, le=100)] | None = None
    payload: Payload = Payload()
    limits: Limits = Limits()


class SageMakerBatch(DataPlace):
    """SageMaker's Batch Transform capture: ``{prefix}/{input,output}/yyyy/mm/dd/hh/`` with manifests.

    Attributes:
        prefix: Folder below the data URI: the destination of the capture.
        inference_columns: Whether the output ends with an inference id and a time (GenerateInferenceId).
        joined: Whether the output contains the input before the answer (DataProcessing.JoinSource Input).
        payload: The layout of the files.
        limits: Limits beyond which captures go to quarantine.
    """

    source: Literal["sagemaker_batch"]
    prefix: Annotated[FolderPath, Field(min_length=1)]
    inference_columns: bool = True
    joined: bool = False
    payload: Payload = Payload()
    limits: Limits = Limits()


class TransactionRecords(Selection, DataPlace):
    """Inference transaction records of self-hosted models, JSON Lines or Parquet.

    Attributes:
        prefix: Folder below the data URI.
        partition: How the path below the prefix names the day or hour, in strftime's format codes.
        id: Path of the inference id; without one, a record is identified by its key and number.
        confidence: Path of a number next to the response, such as ``$.confidence``; it is read as part of the
            response: the key ``confidence`` of an object, the last value of a list or of CSV.
        model_name: Read only the records of this model; None: all.
        environment: Read only the records of this environment; None: all.
        payload: The layout of requests and responses.
        limits: Limits beyond which captures go to quarantine.
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


class PlainTable(Selection, DataPlace):
    """Parquet or CSV tables with one row for each inference.

    Attributes:
        prefix: Folder below the data URI.
        partition: How the path below the prefix names the day or hour, such as ``%Y/%m/%d`` or ``dt=%Y-%m-%d``.
        time_column: Column of the inference's time; None: the time in the path counts.
        id_column: Column of the inference id; None: the object's key and the row number make one.
        limits: Limits beyond which captures go to quarantine.
    """

    source: Literal["table"]
    prefix: Annotated[FolderPath, Field(min_length=1)]
    partition: Partition = "%Y/%m/%d"
    time_column: str | None = None
    id_column: str | None = None
    limits: Limits = Limits()

    @property
    def payload(self) -> Payload:
        """The layout of the rows: a table's columns have names."""
        return Payload()


class KServeLog(Selection, DataPlace):
    """KServe's request log in blob storage: an object for each request and one for each response.

    Attributes:
        prefix: The folder of the objects below the data URI.
        time: JSON path of the request's time in an object; None: when the object was stored.
        payload: The layout of requests and responses.
        limits: Limits beyond which captures go to quarantine.
    """

    source: Literal["kserve_log"]
    prefix: Annotated[FolderPath, Field(min_length=1)]
    time: JsonPath | None = None
    payload: Payload = Payload()
    limits: Limits = Limits()


class SqlCapture(Selection):
    """Rows of a query on a database, one for each inference.

    Attributes:
        connection: Id of an Airflow connection of type postgres or sqlite.
        query: SQL with the parameters ``:window_start`` and ``:window_end``; it returns a column for each feature and
            answer, and the two columns below.
        time_column: Column of the inference's time, in UTC where it has no zone.
        id_column: Column of the inference id.
        limits: Limits beyond which a query is refused.
    """

    source: Literal["sql"]
    connection: ConnectionId
    query: Annotated[str, Field(min_length=1)]
    time_column: str = "inference_time"
    id_column: str = "inference_id"
    limits: Limits = Limits()

    @field_validator("query")
    @classmethod
    def _asks_for_a_window(cls, value: str) -> str:
        check_parameters(value, SQL_WINDOW)
        if absent := [name for name in SQL_WINDOW if name not in parameters_in(value)]:
            msg = (
                f"expected a query for the rows of a window, with :{' and :'.join(absent)}, such as "
                "WHERE asked_at >= :window_start AND asked_at < :window_end"
            )
            raise ValueError(msg)
        return value

    @property
    def payload(self) -> Payload:
        """The layout of the rows: columns have names."""
        return Payload()


SQL_WINDOW = ("window_start", "window_end")
"""The parameters of a query for captures."""

SOURCE_MODELS: dict[str, type[Frozen]] = {
    "sagemaker_realtime": SageMakerRealtime,
    "sagemaker_batch": SageMakerBatch,
    "transaction_records": TransactionRecords,
    "table": PlainTable,
    "kserve_log": KServeLog,
    "sql": SqlCapture,
}
"""The configuration class of each source, by its name in the YAML."""

CARRIED: dict[str, frozenset[str]] = {
    "sagemaker_realtime": frozenset({"size"}),
    "sagemaker_batch": frozenset(),
    "transaction_records": frozenset({"latency", "status", "size"}),
    "table": frozenset(),
    "kserve_log": frozenset({"size", "status"}),
    "sql": frozenset(),
}
"""What the captures of each source contain about the service of a request."""


def _source_of(value: Any) -> str:
    """Return the source that a section names, real-time capture by default."""
    named = value.get("source") if isinstance(value, dict) else getattr(value, "source", None)
    return "sagemaker_realtime" if named is None else str(named)


Capture = Annotated[
    Annotated[SageMakerRealtime, Tag("sagemaker_realtime")]
    | Annotated[SageMakerBatch, Tag("sagemaker_batch")]
    | Annotated[TransactionRecords, Tag("transaction_records")]
    | Annotated[PlainTable, Tag("table")]
    | Annotated[KServeLog, Tag("kserve_log")]
    | Annotated[SqlCapture, Tag("sql")],
    Discriminator(_source_of),
]
