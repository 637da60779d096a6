"""Where a model's labels come from: one shape for each source, told apart by ``source``."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, field_validator

DEFAULT_SOURCE = "sagemaker_ground_truth"

Folder = Annotated[str, Field(pattern=r"^[A-Za-z0-9._=-]+(/[A-Za-z0-9._=-]+)*$")]
Path = Annotated[str, Field(pattern=r"^[^\s.\"'\\]+(\.[^\s.\"'\\]+)*$", max_length=500)]
ColumnName = Annotated[str, Field(min_length=1, max_length=120)]

_PARTITION = re.compile(r"(?:%[YmdH]|[A-Za-z0-9._=/-])+")
_PARAMETER = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")
"""What SQLAlchemy takes for a parameter in the text of a query."""

SQL_PARAMETERS = ("window_start", "window_end", "until")


class LabelSource(BaseModel):
    """What all sources of labels share.

    Attributes:
        delay_days: How many days after a window's end its labels may still come; later ones are not read.
        horizon_days: For how many days after a window late labels and captures are looked for; ``delay_days``
            where nothing is said.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    delay_days: int = Field(default=3, ge=0, le=400)
    horizon_days: int | None = Field(default=None, ge=0, le=400)

    @property
    def horizon(self) -> int:
        """For how many days late evidence is looked for."""
        return self.delay_days if self.horizon_days is None else self.horizon_days


class GroundTruthLabels(LabelSource):
    """SageMaker's ground truth.

    Attributes:
        source: Its name.
        prefix: Folder below the data URI, dated below by when the label was collected.
    """

    source: Literal["sagemaker_ground_truth"] = "sagemaker_ground_truth"
    prefix: Folder


class _Partitioned(LabelSource):
    """Objects in folders dated by collection.

    Attributes:
        prefix: Folder below the data URI.
        partition: How the folders below it are dated, in the words of strftime.
    """

    prefix: Folder
    partition: str = "%Y/%m/%d"

    @field_validator("partition")
    @classmethod
    def _names_a_day(cls, value: str) -> str:
        named = [value.count(word) for word in ("%Y", "%m", "%d")]
        if (
            not _PARTITION.fullmatch(value)
            or named != [1, 1, 1]
            or value.strip("/") != value
            or ".." in value
        ):
            msg = f"expected a folder with %Y, %m and %d (and %H), such as 'dt=%Y-%m-%d', but received {value!r}"
            raise ValueError(msg)
        return value


class FeedbackLabels(_Partitioned):
    """Feedback among transaction records: JSON Lines or Parquet.

    Attributes:
        source: Its name.
        id: Where a record holds the inference's id, such as ``transaction.id``.
        label: Where it holds the label.
        collected_at: Where it holds the time of collection; the folder's day where nothing is said.
        row: Where it holds the row's number in its capture record, from 1.
    """

    source: Literal["transaction_feedback"]
    id: Path = "inference_id"
    label: Path = "label"
    collected_at: Path | None = None
    row: Path | None = None


class TableLabels(_Partitioned):
    """Tables: Parquet or CSV with a header.

    Attributes:
        source: Its name.
        id: Column of the inference's id.
        label: Column of the label.
        collected_at: Column of the time of collection; the folder's day where nothing is said.
        row: Column of the row's number in its capture record, from 1.
    """

    source: Literal["table"]
    id: ColumnName = "inference_id"
    label: ColumnName = "label"
    collected_at: ColumnName | None = None
    row: ColumnName | None = None


class SqlLabels(LabelSource):
    """A query through a connection.

    Attributes:
        source: Its name.
        connection: Id of the Airflow connection, of type postgres or sqlite.
        query: Gives the columns ``id`` and ``label``, and ``collected_at`` and ``row`` where it has them; may use
            the parameters ``:window_start``, ``:window_end`` and ``:until``.
    """

    source: Literal["sql"]
    connection: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$")]
    query: Annotated[str, Field(min_length=1)]

    @field_validator("query")
    @classmethod
    def _knows_its_parameters(cls, value: str) -> str:
        unknown = sorted(set(_PARAMETER.findall(value)) - set(SQL_PARAMETERS))
        if unknown:
            msg = (
                f"the parameters are :{', :'.join(SQL_PARAMETERS)}, but the query has :{', :'.join(unknown)} "
                "(write \\: for a colon that starts no parameter)"
            )
            raise ValueError(msg)
        return value

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that the query uses."""
        return tuple(name for name in SQL_PARAMETERS if name in _PARAMETER.findall(self.query))


def _source(value: Any) -> Any:
    """Return which source is meant; ``source`` may be left out."""
    return (
        value.get("source", DEFAULT_SOURCE)
        if isinstance(value, dict)
        else getattr(value, "source", DEFAULT_SOURCE)
    )


Labels = Annotated[
    Annotated[GroundTruthLabels, Tag("sagemaker_ground_truth")]
    | Annotated[FeedbackLabels, Tag("transaction_feedback")]
    | Annotated[TableLabels, Tag("table")]
    | Annotated[SqlLabels, Tag("sql")],
    Discriminator(_source),
]
"""Where the ground truth is."""
