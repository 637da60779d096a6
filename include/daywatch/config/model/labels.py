"""Where a model's labels come from: one class for each ``source``."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, field_validator

from daywatch.config.base import Frozen, shaped
from daywatch.config.model.capture import JsonPath
from daywatch.config.model.columns import ClassText
from daywatch.config.model.data_place import ConnectionId, DataPlace
from daywatch.config.model.queries import check_parameters, parameters_in

DEFAULT_SOURCE = "sagemaker_ground_truth"

Folder = Annotated[
    str, shaped(r"[A-Za-z0-9._=-]+(/[A-Za-z0-9._=-]+)*", "a folder without '..', such as 'ground-truth/shop'")
]
Path = Annotated[
    str,
    shaped(r"[^\s.\"'\\]+(\.[^\s.\"'\\]+)*", "keys with dots between them, such as 'transaction.id'"),
    Field(max_length=500),
]
ColumnName = Annotated[str, Field(min_length=1, max_length=120)]

LabelPath = Annotated[
    str,
    shaped(
        r'(\$|(\$\.)?("[^"*]+"|[^\s."*\[\]$]+))(\.("[^"*]+"|[^\s."*\[\]]+)|\[\d+\])*',
        "a path in JSON, such as '$.label'",
    ),
]
"""A path in JSON such as ``label`` or ``$.label``."""

UNDATED = "none"
"""The partition of labels in one file, or in files whose folders are not dated."""

_PARTITION = re.compile(r"(?:%[YmdH]|[A-Za-z0-9._=/-])+")
SQL_PARAMETERS = ("window_start", "window_end", "until")


class LabelSource(Frozen):
    """The keys of all sources of labels.

    Attributes:
        delay_days: Number of days after a window's end in which its labels may arrive; later ones are not read.
        horizon_days: Number of days after a window in which Daywatch looks for late labels and captures;
            ``delay_days`` by default.
        depends_on_prediction: Whether the model's own decision may cause or hide the outcome, such as a payment that
            is refused and so can never fail.
        exploration: A boolean feature that is true for rows on which the decision did not depend on the model.
        map: The class that each label stands for, where labels are spelled in another way than predictions.
    """

    delay_days: int = Field(default=3, ge=0, le=400)
    horizon_days: int | None = Field(default=None, ge=0, le=400)
    depends_on_prediction: bool = False
    exploration: str | None = None
    map: dict[str, ClassText] = Field(default_factory=dict)

    @property
    def horizon(self) -> int:
        """Number of days in which Daywatch looks for late labels and captures."""
        return self.delay_days if self.horizon_days is None else self.horizon_days


class _Partitioned(LabelSource, DataPlace):
    """Labels in objects: in folders dated by their collection, or all that there are.

    Attributes:
        prefix: Folder below the data URI, or one file.
        partition: Pattern of the dated folders, in strftime's format codes; ``none`` where none are dated: every
            file is read whole for every window.
    """

    prefix: Folder
    partition: str = "%Y/%m/%d"

    @field_validator("partition")
    @classmethod
    def _names_a_day(cls, value: str) -> str:
        if value == UNDATED:
            return value
        named = [value.count(word) for word in ("%Y", "%m", "%d")]
        if (
            not _PARTITION.fullmatch(value)
            or named != [1, 1, 1]
            or value.strip("/") != value
            or ".." in value
        ):
            msg = (
                "expected a folder with %Y, %m and %d (and %H), such as 'dt=%Y-%m-%d', or 'none' for files that are "
                f"not dated, but received {value!r}"
            )
            raise ValueError(msg)
        return value


class GroundTruthLabels(_Partitioned):
    """Labels in SageMaker's ground truth format.

    Attributes:
        source: The name of this source.
        label: Path of the label in ground truth with the encoding JSON: in each row, or in the whole.
        rows: JSON path of the list of rows in it; None: a list, or the only list in an object without a label.
    """

    source: Literal["sagemaker_ground_truth"] = "sagemaker_ground_truth"
    label: LabelPath = "label"
    rows: JsonPath | None = None


class FeedbackLabels(_Partitioned):
    """Labels in feedback records of a service: JSON Lines or Parquet.

    Attributes:
        source: The name of this source.
        id: Path of the inference's id in a record, such as ``transaction.id``.
        label: Path of the label.
        collected_at: Path of the time of collection; by default the day of the folder counts.
        row: Path of the row's number in its capture record, from 1.
    """

    source: Literal["transaction_feedback"]
    id: Path = "inference_id"
    label: Path = "label"
    collected_at: Path | None = None
    row: Path | None = None


class TableLabels(_Partitioned):
    """Labels in tables: Parquet, or CSV with a header.

    Attributes:
        source: The name of this source.
        id: Column of the inference's id.
        label: Column of the label.
        collected_at: Column of the time of collection; by default the day of the folder counts.
        row: Column of the row's number in its capture record, from 1.
    """

    source: Literal["table"]
    id: ColumnName = "inference_id"
    label: ColumnName = "label"
    collected_at: ColumnName | None = None
    row: ColumnName | None = None


class SqlLabels(LabelSource):
    """Labels from a query on a database.

    Attributes:
        source: The name of this source.
        connection: Id of an Airflow connection of type postgres or sqlite.
        query: SQL that returns the columns ``id`` and ``label``, and optionally ``collected_at`` and ``row``; it
            may use the parameters ``:window_start``, ``:window_end`` and ``:until``.
    """

    source: Literal["sql"]
    connection: ConnectionId
    query: Annotated[str, Field(min_length=1)]

    @field_validator("query")
    @classmethod
    def _knows_its_parameters(cls, value: str) -> str:
        return check_parameters(value, SQL_PARAMETERS)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that the query uses."""
        return tuple(name for name in SQL_PARAMETERS if name in parameters_in(self.query))


def _source(value: Any) -> Any:
    """Return the source that a section names; ``source`` may be left out."""
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
