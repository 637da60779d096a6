"""Words of text columns that the baseline has never seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.config.drift_methods import ColumnKind
from daywatch.engine.duck import identifier, text
from daywatch.measure.columns.tables import Side
from daywatch.results import Finding, FindingCode, Metric
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.measure.columns.counts import Facts
    from daywatch.measure.columns.tables import Column, Tables

_WORD = r"[\p{L}\p{N}_]{2,}"
"""Two or more letters, digits or underscores, in small letters: the words of Evidently's text drift."""
_NAMED = 10


@dataclass(frozen=True)
class NewWords:
    """A text column's words, each as often as it occurs in the window.

    Attributes:
        column: Which.
        words: Words of the window.
        new: Those that the baseline does not have.
        kinds: How many different ones.
        most: The most frequent of them, with their counts.
        note: Why they were not counted.
    """

    column: str
    words: int = 0
    new: int = 0
    kinds: int = 0
    most: tuple[tuple[str, int], ...] = ()
    note: str = ""

    @property
    def share(self) -> float | None:
        """Share of new words, None where there are no words."""
        return self.new / self.words if self.words else None


def new_words(tables: Tables, facts: Facts) -> list[NewWords]:
    """Count the new words of each text column."""
    return [_new_words(tables, column, facts) for column in tables.columns if column.kind is ColumnKind.TEXT]


def _new_words(tables: Tables, column: Column, facts: Facts) -> NewWords:
    reason = "; ".join(filter(None, (facts[column.name][side].unusable(side) for side in Side)))
    if reason:
        return NewWords(column.name, note=reason)
    words = f"unnest(regexp_extract_all(lower({identifier(column.name)}), {text(_WORD)})) AS word"
    ((total, new, kinds, most),) = tables.rows(
        f"WITH now AS MATERIALIZED (SELECT word, count(*) AS n FROM"
        f" (SELECT {words} FROM {identifier(Side.CURRENT)}) GROUP BY word),"
        f" fresh AS MATERIALIZED (SELECT * FROM now ANTI JOIN"
        f" (SELECT DISTINCT {words} FROM {identifier(Side.REFERENCE)}) USING (word))"
        " SELECT (SELECT sum(n) FROM now), (SELECT sum(n) FROM fresh), (SELECT count(*) FROM fresh),"
        " (SELECT list((word, n) ORDER BY n DESC, word) FROM"
        f" (SELECT word, n FROM fresh ORDER BY n DESC, word LIMIT {_NAMED}))"
    )
    pairs = tuple((str(word), int(count)) for word, count in most or ())
    return NewWords(column.name, int(total or 0), int(new or 0), int(kinds), pairs)


def word_metrics(found: list[NewWords], threshold: float) -> list[Metric]:
    """Return the metric ``new_words_share`` of each text column.

    Args:
        found: The new words.
        threshold: The share from which on it is an alert.
    """
    return [
        Metric(
            name="new_words_share",
            column=one.column,
            value=one.share,
            threshold=threshold,
            alert=None if one.share is None else one.share > threshold,
            note=one.note or ("" if one.words else "the window's texts have no words"),
        )
        for one in found
    ]


def word_findings(found: list[NewWords], column: Column, threshold: float) -> list[Finding]:
    """Name a column's most frequent new words, where their share is beyond the threshold."""
    telling = [one for one in found if one.column == column.name and (one.share or 0) > threshold]
    return [
        Finding(
            code=FindingCode.NEW_WORDS,
            column=one.column,
            detail=f"{one.new:,} of {one.words:,} words are {one.kinds:,} that the baseline does not have: "
            + ", ".join(f"'{shown(word)}' ({count:,})" for word, count in one.most)
            + (f" and {one.kinds - len(one.most):,} more" if one.kinds > len(one.most) else ""),
            count=one.new,
        )
        for one in telling
    ]
