"""Words of text columns that do not occur in the baseline.

Words are counted by rows: one that a row repeats a thousand times counts once. Texts of languages that put no space
between words are cut into pairs of neighbouring characters, as search engines do (Lucene's CJKAnalyzer): whole
sentences as words would be new on every day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.config.drift_methods import ColumnKind
from daywatch.engine.duck import identifier, text
from daywatch.measure.columns.counts import why_unusable
from daywatch.measure.columns.tables import Side
from daywatch.results import Finding, FindingCode, Metric
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.measure.columns.counts import CountsByColumn
    from daywatch.measure.columns.measured_columns import Column
    from daywatch.measure.columns.tables import Tables

_WORD = r"[\p{L}\p{M}\p{N}_]{2,}"
"""Two or more letters with their marks, digits or underscores of a lower-case text; as in Evidently's text drift,
whose words end at a mark, such as a vowel of Hindi."""
_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}\x{30FC}]+"
"""Characters of scripts without spaces between words, and the Japanese sign of a long vowel."""
_NAMED = 10


@dataclass(frozen=True)
class NewWords:
    """Counts of a text column's words in the window.

    Attributes:
        column: Name of the column.
        words: How many words there are; a word counts once for each row that has it.
        new: How many of them do not occur in the baseline.
        distinct: How many different new words there are.
        frequent: The most frequent new words with the number of rows that have them.
        note: Why the words were not counted, empty where they were.
    """

    column: str
    words: int = 0
    new: int = 0
    distinct: int = 0
    frequent: tuple[tuple[str, int], ...] = ()
    note: str = ""

    @property
    def share(self) -> float | None:
        """Share of new words, None where there are no words."""
        return self.new / self.words if self.words else None


def new_words(tables: Tables, counts: CountsByColumn) -> list[NewWords]:
    """Count the new words of each text column."""
    return [_new_words(tables, column, counts) for column in tables.columns if column.kind is ColumnKind.TEXT]


def _new_words(tables: Tables, column: Column, counts: CountsByColumn) -> NewWords:
    if reason := why_unusable(counts[column.name]):
        return NewWords(column.name, note=reason)
    words = f"unnest({_words_of(identifier(column.name))}) AS word"
    ((total, new, distinct, frequent),) = tables.rows(
        f"WITH words AS MATERIALIZED (SELECT word, count(*) AS n FROM"
        f" (SELECT {words} FROM {identifier(Side.WINDOW)}) GROUP BY word),"
        f" new AS MATERIALIZED (SELECT * FROM words ANTI JOIN"
        f" (SELECT DISTINCT {words} FROM {identifier(Side.BASELINE)}) USING (word))"
        " SELECT (SELECT sum(n) FROM words), (SELECT sum(n) FROM new), (SELECT count(*) FROM new),"
        " (SELECT list((word, n) ORDER BY n DESC, word) FROM"
        f" (SELECT word, n FROM new ORDER BY n DESC, word LIMIT {_NAMED}))"
    )
    pairs = tuple((str(word), int(count)) for word, count in frequent or ())
    return NewWords(column.name, int(total or 0), int(new or 0), int(distinct), pairs)


def _words_of(column: str) -> str:
    """Return SQL for the list of different words of a text."""
    lowered = f"lower({column})"
    spaced = f"regexp_extract_all({lowered}, {text(_WORD)})"
    others = f"regexp_extract_all(regexp_replace({lowered}, {text(_UNSPACED)}, ' ', 'g'), {text(_WORD)})"
    pairs = (
        f"flatten(list_transform(regexp_extract_all({lowered}, {text(_UNSPACED)}), lambda part:"
        " list_transform(range(greatest(length(part) - 1, 1)),"
        " lambda place: substr(part, CAST(place AS INTEGER) + 1, 2))))"
    )
    # Texts in ASCII, whose bytes are their characters, are not searched for the scripts.
    unspaced = f"strlen({column}) > length({column}) AND regexp_matches({column}, {text(_UNSPACED)})"
    return f"list_distinct(CASE WHEN {unspaced} THEN list_concat({others}, {pairs}) ELSE {spaced} END)"


def word_metrics(found: list[NewWords], threshold: float) -> list[Metric]:
    """Return the metric ``new_words_share`` of each text column.

    Args:
        found: The counts of words, one for each text column.
        threshold: A greater share of new words is an alert.
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
    """Name a column's most frequent new words, if the share of new words is beyond the threshold."""
    above = [one for one in found if one.column == column.name and (one.share or 0) > threshold]
    return [
        Finding(
            code=FindingCode.NEW_WORDS,
            column=one.column,
            detail=f"{one.new:,} of {one.words:,} words, each counted once a row, are {one.distinct:,} that the"
            " baseline does not have: "
            + ", ".join(f"'{shown(word)}' ({count:,})" for word, count in one.frequent)
            + (f" and {one.distinct - len(one.frequent):,} more" if one.distinct > len(one.frequent) else ""),
            count=one.new,
        )
        for one in above
    ]
