"""What windows are compared with: the inferences of some days, or a data set."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from daywatch.config.base import Frozen, shaped
from daywatch.config.model.columns import ClassText
from daywatch.config.model.data_place import DataPlace

DATASET_ENDINGS = (".csv", ".csv.gz", ".jsonl", ".jsonl.gz", ".parquet")
"""Endings of the files of a data set, which say what they are."""

STATISTICS_ENDING = ".json"
"""The ending of a file with statistics of SageMaker Model Monitor, which stand for the rows of a data set."""

ANSWERS = ("prediction", "probability", "probabilities")


def _place(value: Any) -> Any:
    """Check where a data set has a column, in one sentence for both forms."""
    if isinstance(value, str) and value:
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    msg = f"expected the name of a column, or its number from 0, but received {value!r:.120}"
    raise ValueError(msg)


ColumnPlace = Annotated[int | str, BeforeValidator(_place)]
"""A column of a data set: its name, or its number from 0."""

DatasetPath = Annotated[
    str,
    shaped(
        r"(s3://[A-Za-z0-9.-]+/)?[^/\\\s*?\[](([^*?\[\n\r]*/)?[^/?\[\n\r]*[^/?\[\s])?",
        "a file, a folder, or files such as 'training/part-*.parquet', below the data URI or in s3://bucket/",
    ),
]


class PerformanceDays(Frozen):
    """Days whose labelled inferences are the baseline's performance.

    Attributes:
        first: The first day.
        last: The last day.
    """

    first: date
    last: date

    @model_validator(mode="after")
    def _in_order(self) -> PerformanceDays:
        if self.last < self.first:
            msg = f"last ({self.last}) is before first ({self.first})"
            raise ValueError(msg)
        return self


class Baseline(DataPlace):
    """The days whose labelled inferences are the baseline, or the data set that is.

    Attributes:
        first: The first day.
        last: The last day.
        dataset: A file, or several in a folder or with ``*`` in their names: below the data URI, or ``s3://bucket/...``.
            One that ends with ``.json`` has statistics.
        header: Whether its CSV begins with a row of names.
        columns: Where a feature's column is if it has another name: its name, or its number from 0.
        label: The column of the labels.
        prediction: The column of the predictions; None: the data set has none, and the baseline no performance.
        probability: The column of the probability of the positive class.
        probabilities: The column of the lists of probabilities.
        performance_from: The days whose labelled inferences are the baseline's performance, for a data set without
            predictions.
    """

    first: date | None = None
    last: date | None = None
    dataset: DatasetPath | None = None
    header: bool = True
    columns: dict[str, ColumnPlace] = Field(default_factory=dict)
    label: ColumnPlace | None = None
    prediction: ColumnPlace | None = None
    probability: ColumnPlace | None = None
    probabilities: ColumnPlace | None = None
    performance_from: PerformanceDays | None = None

    @model_validator(mode="after")
    def _days_or_dataset(self) -> Baseline:
        if self.dataset is None:
            # Not what was set: a configuration that was written as JSON has every key.
            ordinary = {
                name: one.get_default(call_default_factory=True)
                for name, one in type(self).model_fields.items()
            }
            extra = [
                name
                for name, value in self
                if name not in ("first", "last", "dataset", "versions") and value != ordinary[name]
            ]
            if extra:
                msg = f"{', '.join(sorted(extra))}: only a baseline with 'dataset' has these"
                raise ValueError(msg)
            if self.first is None or self.last is None:
                msg = "expected 'first' and 'last', the days of the baseline, or 'dataset'"
                raise ValueError(msg)
            if self.last < self.first:
                msg = f"last ({self.last}) is before first ({self.first})"
                raise ValueError(msg)
        elif self.uri is not None and self.dataset.startswith("s3://"):
            msg = "expected 'uri' with a dataset below it, or a dataset that is an address itself, but received both"
            raise ValueError(msg)
        elif self.performance_from is not None and self.answers:
            msg = "'performance_from' is for a data set without predictions, but this one has some"
            raise ValueError(msg)
        elif self.first is not None or self.last is not None:
            msg = "expected 'first' and 'last', or 'dataset', but received both"
            raise ValueError(msg)
        elif self.is_statistics and self.answers:
            msg = (
                f"{', '.join(sorted(self.answers))}: statistics do not say which answer belongs to which row; leave "
                "these out, or give a data set of rows"
            )
            raise ValueError(msg)
        return self

    @property
    def days(self) -> tuple[date, date] | None:
        """The first and the last day, None for a data set."""
        return None if self.first is None or self.last is None else (self.first, self.last)

    @property
    def is_statistics(self) -> bool:
        """Whether the data set is a file with statistics."""
        return self.dataset is not None and self.dataset.endswith(STATISTICS_ENDING)

    @property
    def answers(self) -> dict[str, int | str]:
        """The columns of the answers that the data set has, by the answer's name."""
        places = {name: getattr(self, name) for name in ANSWERS}
        return {name: place for name, place in places.items() if place is not None}


class VersionBaseline(Baseline):
    """A baseline for some versions of the model.

    Attributes:
        versions: The versions, as captures name them.
    """

    versions: Annotated[tuple[ClassText, ...], Field(min_length=1)]
