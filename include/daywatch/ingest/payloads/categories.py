"""One spelling for each category and class, in SQL.

``1``, ``1.0`` and ``1e0`` are one class of a model that predicts whole numbers, and three versions of a program. What
the values of a column are is found out once, when the baseline is built, and frozen with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from daywatch.config.model.columns import CategoryType, opposite
from daywatch.engine.duck import text
from daywatch.ingest.payloads.casts import stored_text

_WHOLE = r"-?(0|[1-9]\d*)(\.0+)?"
_EXPONENT = r"-?(0|[1-9]\d*)(\.\d+)?[eE][+-]?\d+"
_NUMBER = r"-?(0|[1-9]\d*)(\.(0+|\d*[1-9]))?"
"""A number as programs write it: without zeros in front, and none behind but in ``1.0``; ``1.10`` is a version."""


def one_spelling(value: str, kind: CategoryType, names: Sequence[str] = ()) -> str:
    """Return SQL for a category in the spelling that stands for all spellings of the same value.

    A text that is not of the column's type stays as it is: it is a category of its own.

    Args:
        value: SQL for the category's text, NULL where it is missing.
        kind: What the categories of its column are.
        names: Categories that the model's configuration names: their spellings stand for the others.
    """
    if kind is CategoryType.TEXT:
        return value
    if kind is CategoryType.BOOLEAN:
        yes, no = _truth_names(names)
        return (
            f"CASE WHEN {_is_truth(value, yes=True)} THEN {text(yes)} "
            f"WHEN {_is_truth(value, yes=False)} THEN {text(no)} ELSE {value} END"
        )
    shortest = _shortest(value, kind)
    named = " ".join(f"WHEN {_shortest(text(name), kind)} THEN {text(name)}" for name in names)
    return f"CASE {shortest} {named} ELSE {shortest} END" if named else shortest


def category_type(value: str, *, of_classes: bool) -> str:
    """Return SQL that aggregates the categories of a column to what they are, as text.

    Args:
        value: SQL for the category's text, NULL where it is missing.
        of_classes: Whether they are classes, which may be numbers with decimals too; categories such as 1.5 may be
            versions.
    """
    rules = _all_of(value, of_classes=of_classes)
    rules[CategoryType.BOOLEAN] += f" AND bool_or(lower({value}) IN ('true', 'false'))"
    cases = " ".join(f"WHEN {condition} THEN '{kind}'" for kind, condition in rules.items())
    return f"CASE {cases} ELSE '{CategoryType.TEXT}' END"


def only_text(value: str, *, of_classes: bool) -> str:
    """Return SQL that aggregates some categories of a column: true where they are text whatever the others are.

    Args:
        value: SQL for the category's text, NULL where it is missing.
        of_classes: Whether they are classes.
    """
    others = " OR ".join(_all_of(value, of_classes=of_classes).values())
    return f"count({value}) > 0 AND NOT ({others})"


def _all_of(value: str, *, of_classes: bool) -> dict[CategoryType, str]:
    """Return SQL that aggregates categories: for each type but text, true where all of them may be of it."""
    number = f"TRY_CAST({value} AS DOUBLE)"
    exponent = f"regexp_full_match({value}, {text(_EXPONENT)})"
    whole = f"regexp_full_match({value}, {text(_WHOLE)}) OR ({exponent} AND {number} = trunc({number}))"
    decimal = f"regexp_full_match({value}, {text(_NUMBER)}) OR {exponent}"
    truth = f"{_is_truth(value, yes=True)} OR {_is_truth(value, yes=False)}"
    rules = {CategoryType.BOOLEAN: truth, CategoryType.INTEGER: whole}
    if of_classes:
        rules[CategoryType.NUMBER] = decimal
    return {kind: f"bool_and({condition})" for kind, condition in rules.items()}


def _shortest(value: str, kind: CategoryType) -> str:
    """Return SQL for the shortest text of a number; other text stays as it is."""
    number = f"TRY_CAST({value} AS DOUBLE)"
    exact = f"CASE WHEN abs({number}) < 1e38 THEN {stored_text(number, 'DOUBLE')} ELSE {value} END"
    pattern = _EXPONENT if kind is CategoryType.INTEGER else f"{_EXPONENT}|-?(0|[1-9]\\d*)\\.\\d+"
    condition = f"regexp_full_match({value}, {text(pattern)})"
    if kind is CategoryType.INTEGER:
        condition += f" AND {number} = trunc({number})"
    # Most values are digits only, which is cheap to see.
    plain = f"NOT contains({value}, '.') AND NOT contains(lower({value}), 'e')"
    return f"""
        CASE WHEN {plain} AND {value} <> '-0' AND lower({value}) <> 't' AND lower({value}) <> 'f' THEN {value}
            WHEN regexp_full_match({value}, {text(_WHOLE)})
                THEN regexp_replace(regexp_replace({value}, '\\.0+$', ''), '^-0$', '0')
            WHEN {condition} THEN {exact}
            WHEN lower({value}) IN ('true', 't') THEN '1' WHEN lower({value}) IN ('false', 'f') THEN '0'
            ELSE {value} END
    """


def _is_truth(value: str, *, yes: bool) -> str:
    words, number = ("('true', 't')", 1) if yes else ("('false', 'f')", 0)
    digit = f"regexp_full_match({value}, {text(f'{_WHOLE}|{_EXPONENT}')}) AND TRY_CAST({value} AS DOUBLE) = {number}"
    return f"(lower({value}) IN {words} OR {digit})"


def _truth_names(names: Iterable[str]) -> tuple[str, str]:
    """Return the spelling of true and false: as the configuration spells the first of its truth values."""
    for name in names:
        if (other := opposite(name)) is not None:
            return (name, other) if name.lower() in ("1", "true", "t") else (other, name)
    return "true", "false"
