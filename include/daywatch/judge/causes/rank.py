"""The causes of a window, ranked: each is followed by what follows from it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.config.metrics import METRICS, MetricKind
from daywatch.config.model.plan import FAULTS_METRIC
from daywatch.judge.causes.follow import explains, step
from daywatch.judge.causes.meanings import TOO_FEW_ROWS, Meaning, meaning_of, meaning_of_fault
from daywatch.results import State
from daywatch.verdicts import CauseKind, VerdictCause, causes_first

if TYPE_CHECKING:
    from daywatch.judge.opinion import Opinion
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


def ranked_causes(
    outcomes: Iterable[RuleOutcome], faults: Sequence[Finding], lacking: Lacking
) -> tuple[VerdictCause, ...]:
    """Return the causes of a window, each followed by those that follow from it; nothing if all rules are GREEN.

    Args:
        outcomes: The outcomes of all rules.
        faults: The faults of the data among the window's findings.
        lacking: The evidence that the window lacks.
    """
    found = _merged(_causes(causes_first(outcomes), faults, lacking))
    roots = [_root(place, found) for place in range(len(found))]
    ordered: list[VerdictCause] = []
    for place, cause in enumerate(found):
        if roots[place] == place:
            followers = [
                one for one, root in zip(found, roots, strict=True) if root == place and one is not cause
            ]
            ordered.append(cause)
            ordered += [
                one.model_copy(update={"parent": cause.fingerprint}) for one in sorted(followers, key=step)
            ]
    return tuple(one.model_copy(update={"rank": rank}) for rank, one in enumerate(ordered, start=1))


def _root(place: int, found: Sequence[VerdictCause]) -> int:
    """Return the place of the cause that a cause follows from in the end, its own if it follows from none."""
    parents = (at for at, one in enumerate(found) if explains(one, found[place]))
    parent = min(parents, key=lambda at: (step(found[at]), at), default=None)
    return place if parent is None else _root(parent, found)


def _causes(
    outcomes: Iterable[RuleOutcome], faults: Sequence[Finding], lacking: Lacking
) -> Iterator[VerdictCause]:
    for outcome in outcomes:
        if outcome.state is State.GREY:
            yield _of_grey(outcome, lacking)
        elif outcome.metric == FAULTS_METRIC and faults:
            for fault in faults:
                short = str(fault.code).replace("_", " ")
                cause = _cause(outcome, meaning_of_fault(fault))
                yield cause.model_copy(
                    update={"sentence": _sentence(fault.detail, fault.column), "short": short}
                )
        else:
            yield _cause(outcome, meaning_of(outcome))


def _of_grey(outcome: RuleOutcome, lacking: Lacking) -> VerdictCause:
    """Return the cause of an outcome without evidence: what the window lacks, else what the metric lacks."""
    definition = METRICS.get(outcome.metric)
    needs_labels = definition is not None and definition.kind in _NEEDS_LABELS
    if lacking.rows is not None:
        return _without(outcome, Meaning(CauseKind.SERVICE, TOO_FEW_ROWS), lacking.rows)
    if lacking.labels is not None and needs_labels:
        return _without(outcome, Meaning(CauseKind.LABELS, "labels_missing", "label"), lacking.labels)
    return _cause(outcome, meaning_of(outcome)._replace(name="not_measured"))


def _without(outcome: RuleOutcome, meaning: Meaning, why: Opinion) -> VerdictCause:
    whole = outcome.model_copy(
        update={"slice": "", "class_name": "", "value": None, "baseline": None, "metric": ""}
    )
    cause = _cause(whole, meaning)
    return cause.model_copy(update={"sentence": _sentence(why.reason), "short": why.short})


def _cause(outcome: RuleOutcome, meaning: Meaning) -> VerdictCause:
    key = (meaning.kind, meaning.name, meaning.column, outcome.class_name, outcome.slice)
    return VerdictCause(
        rank=0,
        kind=meaning.kind,
        name=meaning.name,
        column=meaning.column,
        class_name=outcome.class_name,
        slice=outcome.slice,
        fingerprint=hashlib.sha256("\n".join(key).encode()).hexdigest()[:_FINGERPRINT],
        state=outcome.state,
        sentence=outcome.reason,
        short=outcome.short,
        metric=outcome.metric,
        value=outcome.value,
        baseline=outcome.baseline,
    )


def _merged(causes: Iterable[VerdictCause]) -> list[VerdictCause]:
    """Return each cause once, in the words of the first outcome that showed it and with the worst state."""
    by_fingerprint: dict[str, VerdictCause] = {}
    for one in causes:
        known = by_fingerprint.setdefault(one.fingerprint, one)
        if one.state > known.state:
            by_fingerprint[one.fingerprint] = known.model_copy(update={"state": one.state})
    return list(by_fingerprint.values())


def _sentence(text: str, column: str = "") -> str:
    """Return a text with a capital letter, unless it begins with the name of a column."""
    return text if column and text.startswith(column) else text[:1].upper() + text[1:]
