"""The frozen shape of ``include/models/<model>.yaml``; documented key by key in docs/configuration.md."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, field_validator, model_validator

from daywatch.config.base import Frozen, one_line, shaped
from daywatch.config.model.alerts import Alerts, MailAddress, On
from daywatch.config.model.baseline import Baseline, VersionBaseline
from daywatch.config.model.capture import Capture, Selection
from daywatch.config.model.columns import ColumnType, DriftMethod, Feature, MissingText, Output, Task
from daywatch.config.model.custom_metrics import CustomMetric
from daywatch.config.model.incidents import Incidents
from daywatch.config.model.known_answers import KnownAnswers
from daywatch.config.model.labels import Labels
from daywatch.config.model.missing import MissingValues
from daywatch.config.model.model_monitor import ModelMonitor
from daywatch.config.model.operations import CaptureHealth, Operations
from daywatch.config.model.plan import Plan
from daywatch.config.model.redaction import Redaction
from daywatch.config.model.retraining import Retraining
from daywatch.config.model.rollout import Rollout
from daywatch.config.model.schedule import Schedule
from daywatch.config.model.slices import MOST_SLICES, SliceDefinition
from daywatch.config.model.spans import ProfileDriftSettings
from daywatch.days import DAY
from daywatch.window import Window

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

_WORD = re.compile(r"[a-z_]\w*")

WITHOUT_LABELS = 3
"""Number of days in which Daywatch looks for late captures of a model without labels."""


def _not_an_address(name: str) -> str:
    if name == "metrics":
        # The other addresses of the pages that are no model's contain a dash or a dot, or are below a model's.
        msg = "'metrics' is an address of the pages, /daywatch/metrics; choose another name for the model"
        raise ValueError(msg)
    return name


Name = Annotated[
    str,
    shaped(
        r"[a-z][a-z0-9_]{0,62}",
        "a name of at most 63 lower-case letters, digits and underscores that begins with a letter, such as 'flights'",
    ),
    AfterValidator(_not_an_address),
]


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


class ValueMatrix(Frozen):
    """What each outcome of a binary model is worth, in a unit of yours.

    Attributes:
        tp: A row of the positive class that was predicted as it.
        fp: A row of the other class that was predicted as the positive one.
        fn: A row of the positive class that was predicted as the other.
        tn: A row of the other class that was predicted as it.
    """

    tp: float = Field(default=0.0, allow_inf_nan=False)
    fp: float = Field(default=0.0, allow_inf_nan=False)
    fn: float = Field(default=0.0, allow_inf_nan=False)
    tn: float = Field(default=0.0, allow_inf_nan=False)


class PerformanceSettings(Frozen):
    """Settings for the performance metrics.

    Attributes:
        lift_at: Share of the rows, those with the highest probabilities, on which ``lift`` is computed.
        value: What each outcome of a binary model is worth.
    """

    lift_at: float = Field(default=0.1, gt=0, le=1)
    value: ValueMatrix | None = None


class MonitoredModel(Frozen):
    """One monitored model, as its YAML file describes it.

    Attributes:
        model: Its name in DAG ids, S3 prefixes, tables and pages; also the name of the file.
        namespace: Its place in the organisation, such as ``/abc_corp/claim``.
        description: What it does, in one sentence.
        owner: The team or person responsible for it.
        contacts: E-mail addresses that get its mails.
        tier: Its importance from 1, the highest, to 4.
        missing_values: What else than an empty value, null and NaN is a missing value, such as -999.
    """

    model: Name
    # Airflow's tags have at most 100 characters, and this becomes one behind "ns:".
    namespace: Annotated[
        str,
        shaped(r"(/[a-z0-9_-]+)+", "a path of lower-case names, such as '/abc_corp/claim'"),
        Field(max_length=97),
    ]
    description: str
    owner: Annotated[str, Field(min_length=1, max_length=94), AfterValidator(one_line)]  # the tag "owner:..."
    contacts: Annotated[tuple[MailAddress, ...], Field(min_length=1)]
    tier: int = Field(default=2, ge=1, le=4)
    missing_values: tuple[MissingText, ...] = ()
    features: Annotated[tuple[Feature, ...], Field(min_length=1)]
    output: Output
    capture: Capture
    redaction: Redaction = Redaction()
    labels: Labels | None = None
    baseline: Baseline
    baselines: tuple[VersionBaseline, ...] = ()
    drift: Drift = Drift()
    performance: PerformanceSettings = PerformanceSettings()
    slices: tuple[SliceDefinition, ...] = ()
    custom_metrics: tuple[CustomMetric, ...] = Field(default=(), max_length=50)
    operations: Operations = Operations()
    capture_health: CaptureHealth = CaptureHealth()
    known_answers: KnownAnswers | None = None
    plan: Plan = Field(default_factory=lambda: Plan.model_validate({}))
    incidents: Incidents = Incidents()
    alerts: Alerts = Alerts()
    on: On = On()
    model_monitor: ModelMonitor = ModelMonitor()
    schedule: Schedule
    retraining: Retraining | None = None
    rollout: Rollout | None = None

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

    @field_validator("baselines")
    @classmethod
    def _one_each(cls, value: tuple[VersionBaseline, ...]) -> tuple[VersionBaseline, ...]:
        versions = [version for one in value for version in one.versions]
        if doubled := sorted({one for one in versions if versions.count(one) > 1}):
            msg = f"expected one baseline for each version, but these have several: {', '.join(doubled)}"
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
        types = dict.fromkeys(self.kept, ColumnType.TEXT)
        types |= {feature.name: feature.type for feature in self.features}
        for name in self.redaction.columns:
            if name not in types or (name in self.kept and name in self.redaction.drop):
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
    def baseline_window(self) -> Window:
        """The baseline's days; for a data set, which has none, the day before the first window stands for them."""
        if self.baseline.days is not None:
            return self.schedule.between(*self.baseline.days)
        before = self.schedule.first_window - DAY
        return self.schedule.between(before, before)

    @model_validator(mode="after")
    def _maps_classes(self) -> MonitoredModel:
        if self.labels is not None and self.labels.map and self.output.task is Task.REGRESSION:
            msg = "labels.map is for classes, but the task is regression"
            raise ValueError(msg)
        return self

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes that the configuration names, each once; none for a regression."""
        output = self.output
        if output.task is Task.REGRESSION:
            return ()
        binary = (output.positive_class, output.other_class) if output.task is Task.BINARY else ()
        mapped = self.labels.map.values() if self.labels is not None else ()
        rules = (rule.named_class for rule in self.plan.all_rules)
        return tuple(dict.fromkeys(one for one in (*binary, *output.classes, *rules, *mapped) if one))

    def missing_of(self, name: str) -> MissingValues:
        """Return what stands for a missing value of a feature, or else of predictions, probabilities and labels."""
        own = {feature.name: feature.missing_values for feature in self.features}
        values = own.get(name, self.output.missing_values)
        return MissingValues.of(self.missing_values if values is None else values)

    @property
    def stored_features(self) -> tuple[Feature, ...]:
        """The features that are stored, measured and shown; ``features`` also contains the dropped ones."""
        return tuple(feature for feature in self.features if feature.name not in self.redaction.drop)

    @property
    def captured_features(self) -> tuple[Feature, ...]:
        """The features that payloads have; the others are computed of them."""
        return tuple(feature for feature in self.features if not feature.expression)

    @property
    def kept(self) -> tuple[str, ...]:
        """The names of the values that are kept besides the payload, in the order of ``capture.keep``."""
        return tuple(self.capture.keep) if isinstance(self.capture, Selection) else ()

    @property
    def kept_in_slices(self) -> tuple[str, ...]:
        """The names of those that slices are made of."""
        used = {word for one in self.slices for word in (*one.by, *_WORD.findall(one.where.lower()))}
        return tuple(name for name in self.kept if name in used)

    def feature(self, name: str) -> Feature:
        """Return the feature with a name.

        Raises:
            KeyError: There is no such feature.
        """
        for feature in self.features:
            if feature.name == name:
                return feature
        raise KeyError(name)
