"""What each metric, finding and missing evidence means as a cause: its kind and its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from daywatch.config.metrics import METRICS, MetricKind
from daywatch.results import FindingCode
from daywatch.verdicts import CauseKind, Topic

if TYPE_CHECKING:
    from daywatch.measure.causes.diagnosis import Diagnosis
    from daywatch.results import Finding
    from daywatch.verdicts import RuleOutcome

ANSWERS = ("prediction", "probability")
"""The columns of a model's answers."""

DRIFT = "drift"
PREDICTION_DRIFT = "prediction_drift"
LABEL_DRIFT = "label_drift"
PERFORMANCE_FALL = "performance_fall"
TOO_FEW_ROWS = "too_few_rows"

CHANGED_VERSIONS = ("model_version_changed", "variant_changed")
"""Names of causes that change what answers."""


class Meaning(NamedTuple):
    """What a cause is.

    Attributes:
        kind: Where it lies.
        name: Its name.
        column: Name of the column, empty for the whole window.
    """

    kind: CauseKind
    name: str
    column: str = ""


_NAMES = {
    "null_share": "missing_values",
    "type_mismatch_share": "type_mismatch",
    "out_of_range_share": "out_of_range",
    "new_category_share": "new_categories",
    "quarantined": "quarantined",
    "quarantined_share": "quarantined",
    "rows_quarantined": "quarantined",
    "duplicates": "duplicates",
    "duplicates_share": "duplicates",
    "hours_without_captures": "missing_hours",
    "drift_score": DRIFT,
    "evidently_drift_score": DRIFT,
    "drifted_columns": DRIFT,
    "drifted_share": DRIFT,
    "prediction_drift": PREDICTION_DRIFT,
    "target_drift": LABEL_DRIFT,
    "prediction_correlation": "correlation_change",
    "new_words_share": "new_words",
    "expectations_failed": "expectations",
    "expectations_failed_critical": "expectations",
}
"""Names of causes by metric; others have the metric's own."""

_OF_DATA = (
    "quarantined",
    "quarantined_share",
    "rows_quarantined",
    "type_mismatch_share",
    "extra_columns",
)
"""Metrics of intake that are about values; the others are about traffic, which is the service's."""

_OF_DRIFT = (MetricKind.DRIFT, MetricKind.TARGET)
"""Kinds of metrics by whose drift a column of one value is found, which is a fault of the data."""

_FAULTS = {
    FindingCode.NO_SHARED_CLASS: (CauseKind.LABELS, "classes_changed"),
    FindingCode.NO_POSITIVE_CLASS: (CauseKind.LABELS, "one_class"),
    FindingCode.FEATURE_MISSING: (CauseKind.DATA, "missing_values"),
    FindingCode.CONSTANT_PREDICTION: (CauseKind.PREDICTION, "constant"),
    FindingCode.TOO_FEW_VALUES: (CauseKind.DATA, "too_few_values"),
    FindingCode.WORSE_THAN_CHANCE: (CauseKind.LABELS, "worse_than_chance"),
}

_DIAGNOSES = {"prior_shift": CauseKind.WORLD, "doubled_traffic": CauseKind.SERVICE}
"""Kinds of diagnoses that are about no feature; those of a column have the column's kind."""

_KINDS = {
    MetricKind.INTAKE: CauseKind.SERVICE,
    MetricKind.OPERATIONS: CauseKind.SERVICE,
    MetricKind.DATA: CauseKind.DATA,
    MetricKind.DRIFT: CauseKind.WORLD,
    MetricKind.TARGET: CauseKind.WORLD,
    MetricKind.PERFORMANCE: CauseKind.WORLD,
}


_OUTPUT_DRIFT = {
    PREDICTION_DRIFT: Meaning(CauseKind.PREDICTION, PREDICTION_DRIFT, "prediction"),
    LABEL_DRIFT: Meaning(CauseKind.WORLD, LABEL_DRIFT, "label"),
}


def meaning_of_fault(fault: Finding) -> Meaning:
    """Return what a fault of the data means.

    Args:
        fault: A finding whose code is one of ``DATA_FAULTS``.
    """
    kind, name = _FAULTS[fault.code]
    column = fault.column
    return Meaning(_of_column(kind, column) if fault.column in ANSWERS else kind, name, column)


def meaning_of_diagnosis(diagnosis: Diagnosis) -> Meaning:
    """Return what a diagnosis means.

    Args:
        diagnosis: What the search for causes found.
    """
    kind = _DIAGNOSES.get(diagnosis.name) or _of_column(CauseKind.DATA, diagnosis.column)
    return Meaning(kind, diagnosis.name, diagnosis.column)


def meaning_of(outcome: RuleOutcome) -> Meaning:
    """Return what a rule's outcome means if nothing explains it.

    Drift of intact features and a fall of performance under intact data are changes of the world.

    Args:
        outcome: The outcome.
    """
    name, column = _NAMES.get(outcome.metric, outcome.metric), outcome.column
    definition = METRICS.get(outcome.metric)
    if definition is None:
        return Meaning(CauseKind.SERVICE, name, column)
    if outcome.topic is Topic.DATA and definition.kind in _OF_DRIFT:
        return Meaning(_of_column(CauseKind.DATA, column), "constant", column)
    if definition.kind is MetricKind.PERFORMANCE:
        return Meaning(CauseKind.WORLD, PERFORMANCE_FALL)
    if outcome.metric == "volume_change":
        return Meaning(CauseKind.SERVICE, "volume_fall" if (outcome.value or 0) < 0 else "volume_rise")
    if name in _OUTPUT_DRIFT:
        return _OUTPUT_DRIFT[name]
    kind = CauseKind.DATA if outcome.metric in _OF_DATA else _KINDS[definition.kind]
    return Meaning(_of_column(kind, column), name, column)


def _of_column(kind: CauseKind, column: str) -> CauseKind:
    """Return the kind of what is wrong with a column: labels and answers have kinds of their own."""
    if column == "label" and kind is not CauseKind.WORLD:
        return CauseKind.LABELS
    return CauseKind.PREDICTION if column in ANSWERS else kind
