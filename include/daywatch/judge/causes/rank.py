"""The causes of a window, ranked: each is followed by what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from daywatch.config.model.plan import FAULTS_METRIC
from daywatch.judge.causes.candidates import (
    Candidate,
    Lacking,
    candidate_of_diagnosis,
    candidates_of_outcomes,
    once_each,
)
from daywatch.judge.causes.follow import explains, step
from daywatch.judge.causes.meanings import PERFORMANCE_FALL
from daywatch.results import State
from daywatch.verdicts import causes_first

if TYPE_CHECKING:
    from daywatch.measure.causes.diagnosis import Diagnosis
    from daywatch.results import Finding
    from daywatch.verdicts import RuleOutcome, VerdictCause

_LEAST_EXPLAINED = 0.2
"""Rows that explain less of a fall of performance than this share do not cause it."""


def ranked_causes(
    outcomes: Iterable[RuleOutcome],
    faults: Sequence[Finding],
    lacking: Lacking,
    diagnoses: Iterable[Diagnosis] = (),
) -> tuple[VerdictCause, ...]:
    """Return the causes of a window, each followed by those that follow from it; nothing if all rules are GREEN.

    What explains most of a fall of performance comes first, then the others in the order of causes.

    Args:
        outcomes: The outcomes of all rules.
        faults: The faults of the data among the window's findings.
        lacking: The evidence that the window lacks.
        diagnoses: What the search for causes found; what no outcome is about does not count.
    """
    found = once_each(candidates_of_outcomes(causes_first(outcomes), faults, lacking))
    for diagnosis in diagnoses:
        found = _with_diagnosis(found, candidate_of_diagnosis(diagnosis))
    found = once_each(found)
    roots = [_root(place, found) for place in range(len(found))]
    fallen = (root for root, one in zip(roots, found, strict=True) if one.cause.name == PERFORMANCE_FALL)
    first = next(fallen, None)
    order = sorted(range(len(found)), key=lambda place: (_is_grey(found[place]), place != first, place))
    ranked = (one for place in order if roots[place] == place for one in _family(place, roots, found))
    return tuple(one.model_copy(update={"rank": rank}) for rank, one in enumerate(ranked, start=1))


def _with_diagnosis(found: list[Candidate], diagnosis: Candidate) -> list[Candidate]:
    """Return the causes with a diagnosis in place of the faults that it puts into other words, before the others."""
    kind, columns = diagnosis.cause.kind, diagnosis.columns
    faults = (one for one in found if not _is_grey(one) and step(one) == 0)
    same = [one for one in faults if one.cause.kind is kind and set(one.columns) & set(columns)]
    about = [one for one in found if explains(diagnosis, one) and (not columns or _is_about(one, diagnosis))]
    if not same and not about:
        return found
    state = max(one.cause.state for one in same or about)
    shown = next((one.cause for one in same if one.cause.metric not in ("", FAULTS_METRIC)), None)
    numbers = {"metric": shown.metric, "value": shown.value, "baseline": shown.baseline} if shown else {}
    cause = diagnosis.cause.model_copy(update={"state": state, **numbers})
    others = [one for one in found if one not in same]
    place = min((at for at, one in enumerate(found) if one in (same or about)), default=0)
    before = sum(one not in same for one in found[:place])
    return [*others[:before], replace(diagnosis, cause=cause), *others[before:]]


def _is_about(one: Candidate, diagnosis: Candidate) -> bool:
    return bool(set(one.columns) & set(diagnosis.columns)) or (
        "label" in diagnosis.columns and one.cause.name == PERFORMANCE_FALL
    )


def _is_grey(one: Candidate) -> bool:
    return one.cause.state is State.GREY


def _root(place: int, found: Sequence[Candidate]) -> int:
    """Return the place of the cause that a cause follows from in the end, its own if it follows from none."""
    parents = [at for at, one in enumerate(found) if explains(one, found[place])]
    if found[place].cause.name == PERFORMANCE_FALL:
        measured = {at: found[at].cause.explained for at in parents}
        parents = [at for at in parents if (measured[at] or 0.0) >= _LEAST_EXPLAINED or measured[at] is None]
        parent = min(parents, key=lambda at: (-(measured[at] or 0.0), step(found[at]), at), default=None)
    else:
        parent = min(parents, key=lambda at: (step(found[at]), at), default=None)
    return place if parent is None else _root(parent, found)


def _family(place: int, roots: Sequence[int], found: Sequence[Candidate]) -> Iterator[VerdictCause]:
    """Yield a cause, and behind it those that follow from it."""
    followers = [one for at, one in enumerate(found) if roots[at] == place and at != place]
    yield found[place].cause
    for one in sorted(followers, key=step):
        yield one.cause.model_copy(update={"parent": found[place].cause.fingerprint})
