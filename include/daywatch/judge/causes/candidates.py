"""What the outcomes of the rules and the search for causes say a window's causes may be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from daywatch.config.metrics import METRICS, MetricKind
from daywatch.config.model.plan import FAULTS_METRIC
from daywatch.judge.causes.meanings import (
    ANSWERS,
    TOO_FEW_ROWS,
    Meaning,
    meaning_of,
    meaning_of_diagnosis,
    meaning_of_fault,
)
from daywatch.results import State
from daywatch.verdicts import CauseKind, VerdictCause

if TYPE_CHECKING:
    from daywatch.judge.opinion import Opinion
    from daywatch.measure.causes.diagnosis import Diagnosis
    from daywatch.results import Finding
    from daywatch.verdicts import RuleOutcome

_FINGERPRINT = 16
"""Hexadecimal digits of a fingerprint."""

_NEEDS_LABELS = (MetricKind.PERFORMANCE, MetricKind.TARGET)


@dataclass(frozen=True)
class Lacking:
    """The evidence that the whole window lacks.

    Attributes:
        rows: Why the window's rows cannot be judged, None if there are enough.
        labels: Why its performance cannot be judged, None if there are enough labels.
    """

    rows: Opinion | None = None
    labels: Opinion | None = None


@dataclass(frozen=True)
class Candidate:
    """A cause that has no place yet.

    Attributes:
        cause: The cause.
        columns: The columns that it is about.
        diagnosed: Whether the search found it; else an outcome alone says so.
    """

    cause: VerdictCause
    columns: tuple[str, ...] = ()
    diagnosed: bool = False


def candidates_of_outcomes(
    outcomes: Iterable[RuleOutcome], faults: Sequence[Finding], lacking: Lacking
) -> Iterator[Candidate]:
    """Yield what each outcome means.

    Args:
        outcomes: The outcomes that are not GREEN, the first cause first.
        faults: The faults of the data among the window's findings.
        lacking: The evidence that the window lacks.
    """
    for outcome in outcomes:
        if outcome.state is State.GREY:
            yield _of_grey(outcome, lacking)
        elif outcome.metric == FAULTS_METRIC and faults:
            yield from (_of_fault(outcome, fault) for fault in faults)
        else:
            yield _candidate(outcome, meaning_of(outcome))


def candidate_of_diagnosis(diagnosis: Diagnosis) -> Candidate:
    """Return a diagnosis as a cause; its state is that of what it explains.

    Args:
        diagnosis: What the search for causes found.
    """
    meaning = meaning_of_diagnosis(diagnosis)
    cause = VerdictCause(
        rank=0,
        kind=meaning.kind,
        name=meaning.name,
        column=meaning.column,
        slice=diagnosis.slice,
        fingerprint=_fingerprint(meaning, "", diagnosis.slice),
        state=State.GREEN,
        sentence=diagnosis.sentence,
        short=diagnosis.short,
        explained=diagnosis.explained,
    )
    columns = tuple("prediction" if one in ANSWERS else one for one in diagnosis.columns)
    return Candidate(cause, columns, diagnosed=True)


def once_each(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return each cause once, in the words of the first that has its fingerprint and with the worst state."""
    by_fingerprint: dict[str, Candidate] = {}
    for one in candidates:
        known = by_fingerprint.setdefault(one.cause.fingerprint, one)
        if one.cause.state > known.cause.state:
            worse = known.cause.model_copy(update={"state": one.cause.state})
            by_fingerprint[one.cause.fingerprint] = replace(known, cause=worse)
    return list(by_fingerprint.values())


def _of_fault(outcome: RuleOutcome, fault: Finding) -> Candidate:
    one = _candidate(outcome, meaning_of_fault(fault))
    words = {"sentence": _sentence(fault.detail, fault.column), "short": str(fault.code).replace("_", " ")}
    return replace(one, cause=one.cause.model_copy(update=words))


def _of_grey(outcome: RuleOutcome, lacking: Lacking) -> Candidate:
    """Return the cause of an outcome without evidence: what the window lacks, else what the metric lacks."""
    definition = METRICS.get(outcome.metric)
    needs_labels = definition is not None and definition.kind in _NEEDS_LABELS
    if lacking.rows is not None:
        return _without(outcome, Meaning(CauseKind.SERVICE, TOO_FEW_ROWS), lacking.rows)
    if lacking.labels is not None and needs_labels:
        return _without(outcome, Meaning(CauseKind.LABELS, "labels_missing", "label"), lacking.labels)
    return _candidate(outcome, meaning_of(outcome)._replace(name="not_measured"))


def _without(outcome: RuleOutcome, meaning: Meaning, why: Opinion) -> Candidate:
    whole = outcome.model_copy(
        update={"slice": "", "class_name": "", "value": None, "baseline": None, "metric": ""}
    )
    one = _candidate(whole, meaning)
    words = {"sentence": _sentence(why.reason), "short": why.short}
    return replace(one, cause=one.cause.model_copy(update=words))


def _candidate(outcome: RuleOutcome, meaning: Meaning) -> Candidate:
    cause = VerdictCause(
        rank=0,
        kind=meaning.kind,
        name=meaning.name,
        column=meaning.column,
        class_name=outcome.class_name,
        slice=outcome.slice,
        fingerprint=_fingerprint(
            meaning, outcome.class_name, outcome.slice, is_grey=outcome.state is State.GREY
        ),
        state=outcome.state,
        sentence=outcome.reason,
        short=outcome.short,
        metric=outcome.metric,
        value=outcome.value,
        baseline=outcome.baseline,
    )
    return Candidate(cause, (meaning.column,) if meaning.column else ())


def _fingerprint(meaning: Meaning, class_name: str, slice_: str, *, is_grey: bool = False) -> str:
    """Return a fingerprint; of a column, the kind alone counts, so that it stays when the numbers look otherwise."""
    name = "" if meaning.column and not is_grey else meaning.name
    column = "prediction" if meaning.column in ANSWERS else meaning.column
    key = "\n".join((meaning.kind, name, column, class_name, slice_))
    return hashlib.sha256(key.encode()).hexdigest()[:_FINGERPRINT]


def _sentence(text: str, column: str = "") -> str:
    """Return a text with a capital letter, unless it begins with the name of a column."""
    return text if column and text.startswith(column) else text[:1].upper() + text[1:]
