"""The frozen shape of ``include/models/<model>.yaml``; documented key by key in docs/configuration.md."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from daywatch.config.base import Frozen
from daywatch.config.model.capture import Capture
from daywatch.config.model.columns import ColumnType, DriftMethod, Feature, Output
from daywatch.config.model.known_answers import KnownAnswers
from daywatch.config.model.labels import Labels
from daywatch.config.model.operations import CaptureHealth, Operations
from daywatch.config.model.plan import Plan
from daywatch.config.model.redaction import Redaction
from daywatch.config.model.slices import MOST_SLICES, SliceDefinition
from daywatch.config.model.spans import ProfileDriftSettings

RESERVED_COLUMNS = (
    "event_id",
    "inference_id",
    "inference_time",
    "source_key",
    "source_record",
    "row_in_record",
    "prediction",
    "probability",
    "probabilities",
    "label",
    "file_row_number",
    "draw_key",
)
"""Columns of the canonical Parquet that are not features, and two columns that the measuring adds."""

ANSWERS = ("prediction", "probability", "label")
"""Columns of a profile that are not features."""

WITHOUT_LABELS = 3
"""Number of days in which Daywatch looks for late captures of a model without labels."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class BaselineDays(Frozen):
    """The first and the last day whose labelled inferences are the baseline."""

    first: date
    last: date

    @model_validator(mode="after")
    def _ordered(self) -> BaselineDays:
        if self.last < self.first:
            msg = f"last ({self.last}) is before first ({self.first})"
            raise ValueError(msg)
        return self


class Drift(Frozen):
    """Drift settings for all columns without settings of their own.

    Attributes:
        numeric: Method for number and integer columns.
        categorical: Method for category and boolean columns.
        text: Method for text columns.
        drifted_share: Share of drifted columns from which on Evidently calls the data set drifted.
        null_share_rise: How far a column's share of missing values may rise above the baseline's before it is a
            finding.
        new_words_share: Share of a text column's words that are not in the baseline, from which on it is a
            finding.
        drawing_rows: Largest number of rows that Evidently's report plots; scores use all rows.
        profiles: Drift over longer windows and against other baselines.
    """

    numeric: DriftMethod = DriftMethod()
    categorical: DriftMethod = DriftMethod()
    text: DriftMethod = DriftMethod()
    drifted_share: float = Field(default=0.5, gt=0, le=1)
    null_share_rise: float = Field(default=0.05, ge=0, le=1)
    new_words_share: float = Field(default=0.05, ge=0, le=1)
    drawing_rows: int = Field(default=5000, ge=100, le=100_000)
    profiles: ProfileDriftSettings = ProfileDriftSettings()


class PerformanceSettings(Frozen):
    """Settings for the performance metrics.

    Attributes:
        lift_at: Share of the rows, those with the highest probabilities, on which ``lift`` is computed.
    """

    lift_at: float = Field(default=0.1, gt=0, le=1)


class Schedule(Frozen):
    """When the monitor runs.

    Attributes:
        cron: When the previous day is judged, as a cron expression in UTC.
        first_window: The first day that is monitored.
        last_window: The last day that is monitored; None while the model is in use.
        catchup: Whether Airflow runs missed days automatically.
        max_active_runs: How many windows of this model may run at once.
        deadline_minutes: Minutes that a run may take before a mail reports that the day is late.
    """

    cron: str = "0 6 * * *"
    first_window: date
    last_window: date | None = None
    catchup: bool = False
    max_active_runs: int = Field(default=1, ge=1, le=32)
    deadline_minutes: int = Field(default=120, ge=1)


class Retraining(Frozen):
    """How the model is retrained.

    Attributes:
        trainer: The function that trains, as ``package.module:function``; docs/retraining.md has its signature.
    """

    trainer: Annotated[str, Field(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")]


class MonitoredModel(Frozen):
    """One monitored model, as its YAML file describes it.

    Attributes:
        model: Its name in DAG ids, S3 prefixes, tables and pages; also the name of the file.
        namespace: Its place in the organisation, such as ``/abc_corp/claim``.
        description: What it does, in one sentence.
        owner: The team or person responsible for it.
        contacts: E-mail addresses that get its mails.
        tier: Its importance from 1, the highest, to 4.
    """

    model: Name
    # Airflow's tags have at most 100 characters, and this becomes one behind "ns:".
    namespace: Annotated[str, Field(pattern=r"^(/[a-z0-9_-]+)+$", max_length=97)]
    description: str
    owner: Annotated[str, Field(min_length=1)]
    contacts: Annotated[tuple[Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")], ...], Field(min_length=1)]
    tier: int = Field(default=2, ge=1, le=4)
    features: Annotated[tuple[Feature, ...], Field(min_length=1)]
    output: Output
    capture: Capture
    redaction: Redaction = Redaction()
    labels: Labels | None = None
    baseline: BaselineDays
    drift: Drift = Drift()
    performance: PerformanceSettings = PerformanceSettings()
    slices: tuple[SliceDefinition, ...] = ()
    operations: Operations = Operations()
    capture_health: CaptureHealth = CaptureHealth()
    known_answers: KnownAnswers | None = None
    plan: Plan
    schedule: Schedule
    retraining: Retraining | None = None

    @field_validator("features")
    @classmethod
    def _distinct_names(cls, value: tuple[Feature, ...]) -> tuple[Feature, ...]:
        names = [feature.name for feature in value]
        folded = [name.casefold() for name in names]
        doubled = sorted({name for name in names if folded.count(name.casefold()) > 1})
        if doubled:
            # In SQL, names that differ only in capital letters are equal.
            msg = "feature names must differ in more than capital letters, but these do not: " + ", ".join(
                doubled
            )
            raise ValueError(msg)
        taken = sorted({name for name in names if name.casefold() in RESERVED_COLUMNS})
        if taken:
            msg = f"these names are Daywatch's own columns: {', '.join(taken)}; rename the features"
            raise ValueError(msg)
        return value

    @field_validator("slices")
    @classmethod
    def _not_too_many(cls, value: tuple[SliceDefinition, ...]) -> tuple[SliceDefinition, ...]:
        most = sum(one.most for one in value)
        if most > MOST_SLICES:
            msg = (
                f"expected at most {MOST_SLICES} slices, those of other and missing values included, "
                f"but these are {most}"
            )
            raise ValueError(msg)
        labels = [one.label for one in value]
        doubled = sorted({label for label in labels if labels.count(label) > 1})
        if doubled:
            msg = f"expected each entry of slices once, but these come twice: {', '.join(doubled)}"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _redacts_features(self) -> MonitoredModel:
        types = {feature.name: feature.type for feature in self.features}
        for name in self.redaction.columns:
            if name not in types:
                msg = f"redaction: expected names of features, but there is no feature {name!r}"
                raise ValueError(msg)
            if name not in self.redaction.drop and types[name] not in (ColumnType.CATEGORY, ColumnType.TEXT):
                msg = f"redaction: {name!r} is of type {types[name]}; hash and truncate need category or text"
                raise ValueError(msg)
        if not self.stored_features:
            msg = "redaction: expected at least one feature that is not dropped"
            raise ValueError(msg)
        return self

    @property
    def stored_features(self) -> tuple[Feature, ...]:
        """The features that are stored, measured and shown; ``features`` also contains the dropped ones."""
        return tuple(feature for feature in self.features if feature.name not in self.redaction.drop)

    def feature(self, name: str) -> Feature:
        """Return the feature with a name.

        Raises:
            KeyError: There is no such feature.
        """
        for feature in self.features:
            if feature.name == name:
                return feature
        raise KeyError(name)
