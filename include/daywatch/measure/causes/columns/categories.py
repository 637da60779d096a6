"""Categories that changed: other spellings, other names, codes that changed places, words for a missing value."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from daywatch.engine.duck import identifier, text
from daywatch.formatting import count, percent
from daywatch.measure.causes.diagnosis import Diagnosis
from daywatch.measure.columns.tables import Side
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.measure.causes.view import SearchView
    from daywatch.measure.columns.measured_columns import Column

_STAND_INS = frozenset(
    ("", "null", "none", "nan", "na", "nil", "missing", "unknown", "undefined", "default", "other", "tbd")
)
"""Words that software writes for a category that it does not have, without what is neither letter nor digit."""

_MEANT = re.compile(r"^-|-$|[+<>=≤≥%]|(?<=\d)\.(?=\d*[1-9])")
"""Signs that make another category: those of a number, a comparison, a grade."""

_LEAST_SHARE = 0.02
_NEARLY_ALL = 0.9
_DEVIATIONS = 3.0
_NAMED = 3

Shares = Mapping[str, float]


def category_diagnoses(view: SearchView, column: Column) -> Iterator[tuple[Diagnosis, str]]:
    """Yield what explains the change of a column of categories, with the condition in SQL of the rows it is about.

    Args:
        view: What the search sees.
        column: A changed column of categories.
    """
    before, now = (view.categories(side, column.name) for side in (Side.BASELINE, Side.WINDOW))
    rows, others = (view.filled(side, column.name) for side in (Side.WINDOW, Side.BASELINE))
    if not rows or not others:
        return
    was = {value: hits / others for value, hits in before.items()}
    shares = {value: hits / rows for value, hits in now.items()}
    new = {value: share for value, share in shares.items() if value not in was}
    error = math.sqrt(1 / rows + 1 / others)
    found = (
        _respelled(column.name, was, new)
        or _stand_in(column.name, new)
        or _renamed(column.name, was, shares, error)
    )
    if found is None:
        found = _changed_places(column.name, was, shares, error)
    if found is not None:
        diagnosis, values = found
        listed = ", ".join(text(value) for value in values)
        affected = sum(now[value] for value in values)
        yield (
            diagnosis.model_copy(update={"rows": affected}),
            f"CAST({identifier(column.name)} AS VARCHAR) IN ({listed})",
        )


_Found = tuple[Diagnosis, list[str]] | None
"""What was found, and the categories of the window that it is about."""


def _plain(value: str) -> str:
    """Return a category without case, accents, spaces and signs, and whole numbers without their decimals."""
    folded = unicodedata.normalize("NFKD", value).casefold()
    plain = "".join(one for one in folded if one.isalnum() or one == ".")
    whole, _, decimals = plain.partition(".")
    return whole if not decimals.strip("0") else plain.replace(".", "")


def _spelling(value: str) -> str:
    """Return what all spellings of a category share, empty for one without letters and digits."""
    plain = _plain(value)
    return plain + "".join(_MEANT.findall(value.strip())) if plain else ""


def _respelled(column: str, was: Shares, new: Shares) -> _Found:
    known = {_spelling(value): value for value in reversed(list(was))}
    pairs = {
        value: known[_spelling(value)] for value in new if _spelling(value) and _spelling(value) in known
    }
    if sum(new[value] for value in pairs) < max(_LEAST_SHARE, _NEARLY_ALL * sum(new.values())):
        return None
    first, *_ = pairs.items()
    what = "written in other letters" if first[0].casefold() == first[1].casefold() else "spelled otherwise"
    named = ", ".join(f"'{shown(old)}' is now '{shown(now)}'" for now, old in list(pairs.items())[:_NAMED])
    share = percent(sum(new[value] for value in pairs))
    return _found("respelled", column, f"{what} in {share} of the values: {named}", what, list(pairs))


def _stand_in(column: str, new: Shares) -> _Found:
    words = [value for value in new if _plain(value) in _STAND_INS]
    share = sum(new[value] for value in words)
    if share < _LEAST_SHARE:
        return None
    words_shown = ", ".join(f"'{shown(value)}'" for value in words[:_NAMED])
    details = f"{words_shown} in {percent(share)} of the values: it looks like a stand-in for a missing value"
    return _found("stand_in", column, details, f"{words_shown} in {percent(share)}", words, verb="is")


def _renamed(column: str, was: Shares, shares: Shares, error: float) -> _Found:
    """Match new categories with vanished ones by their shares, each with the nearest that is left."""
    gone = {
        value: share
        for value, share in was.items()
        if shares.get(value, 0.0) < share / 10 and not _is_near(share, shares.get(value, 0.0), error)
    }
    new = {value: share for value, share in shares.items() if value not in was and share >= _LEAST_SHARE}
    pairs: dict[str, str] = {}
    for value, share in new.items():
        left = [one for one in gone if one not in pairs.values()]
        nearest = min(left, key=lambda one: abs(gone[one] - share), default=None)
        if nearest is not None and _is_near(gone[nearest], share, error):
            pairs[value] = nearest
    if not pairs or sum(new[one] for one in pairs) < _NEARLY_ALL * sum(new.values()):
        return None
    named = ", ".join(
        f"'{shown(old)}' ({percent(was[old])} in the baseline) looks renamed to '{shown(now)}' ({percent(new[now])})"
        for now, old in list(pairs.items())[:_NAMED]
    )
    first = next(iter(pairs))
    return _found(
        "renamed",
        column,
        named,
        f"'{shown(pairs[first])}' renamed to '{shown(first)}'",
        list(pairs),
        verb=":",
    )


def _changed_places(column: str, was: Shares, shares: Shares, error: float) -> _Found:
    """Return two categories of the baseline that have each other's share."""
    known = list(was)[:20]
    moved = [one for one in known if not _is_near(was[one], shares.get(one, 0.0), error)]
    if len(moved) != 2:
        return None
    one, other = moved
    if not (
        _is_near(was[one], shares.get(other, 0.0), error)
        and _is_near(was[other], shares.get(one, 0.0), error)
    ):
        return None
    numbers = ", ".join(
        f"{percent(shares.get(v, 0.0))} '{shown(v)}' (baseline {percent(was[v])})" for v in moved
    )
    words = f"inverted: '{shown(one)}' and '{shown(other)}' look exchanged, {numbers}"
    return _found("exchanged_values", column, words, "inverted", moved)


def _is_near(share: float, other: float, error: float) -> bool:
    """Return whether chance explains the difference of two shares; ``error`` is the standard error at shares of 1."""
    spread = math.sqrt(max(share * (1 - share), other * (1 - other))) * error
    return abs(share - other) <= _DEVIATIONS * spread


def _found(name: str, column: str, words: str, short: str, values: list[str], verb: str = "looks") -> _Found:
    joined = f"{shown(column)}: {words}" if verb == ":" else f"{shown(column)} {verb} {words}"
    brief = f"{shown(column)}: {short}" if verb == ":" else f"{shown(column)} {verb} {short}"
    return Diagnosis(name=name, column=column, rows=0, sentence=joined, short=brief), values


def missing_diagnosis(view: SearchView, column: Column) -> tuple[Diagnosis, str] | None:
    """Return how many rows of a column are missing, None where no more are than in the baseline, or all are.

    Args:
        view: What the search sees.
        column: A changed column.
    """
    name = identifier(column.name)
    counts = [
        view.tables.rows(f"SELECT count(*), count(*) - count({name}) FROM {identifier(side)}")[0]
        for side in (Side.BASELINE, Side.WINDOW)
    ]
    (others, nulls_before), (rows, nulls) = counts
    was, share = nulls_before / max(others, 1), nulls / max(rows, 1)
    if (
        share < was + _LEAST_SHARE or nulls == rows
    ):  # a feature without any value is a fault of the data itself
        return None
    sentence = (
        f"{shown(column.name)} is missing in {percent(share)} of {count(rows)} rows (baseline {percent(was)})"
    )
    diagnosis = Diagnosis(
        name="missing_values",
        column=column.name,
        rows=int(nulls),
        sentence=sentence,
        short=f"{shown(column.name)} missing in {percent(share)}",
    )
    return diagnosis, f"{name} IS NULL"
