"""Slices: the subsets of a window that get metrics of their own."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from daywatch.config.base import Frozen, shaped

ANY = "any"
"""In a rule of the plan, all slices at once."""

OTHER, MISSING, EMPTY = "(other)", "(missing)", "(empty)"
"""In a slice's name: all values but the frequent ones, a missing value, and an empty text."""

OF_VERSIONS = "version="
"""The start of the names of slices of model versions."""

MOST_SLICES = 200
"""At most so many slices of a model: each gets some fifty metrics a window."""


_PART = 58
"""Characters of a column's name, and of a value, in a slice's name: two of each and a number fit into 250."""


def short(text: str) -> str:
    """Return captured text as a part of a slice's name: printable and short.

    A text that is cut or made printable ends in a hash of the whole text. So different texts get different names,
    and the same text gets the same name every day.
    """
    if text.isprintable() and 0 < len(text) <= _PART and text not in (OTHER, MISSING, EMPTY):
        return text
    if not text:
        return EMPTY
    visible = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)
    return f"{visible[: _PART - 13]}#{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:12]}"


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class SliceDefinition(Frozen):
    """One definition of slices: by the values of one or two columns, or by an expression.

    Attributes:
        by: The column, or two columns whose pairs of values are the slices.
        top: With ``by``, how many of the baseline's most frequent values, or pairs, are slices.
        name: With ``where``, the name of the slice.
        where: SQL expression on a row; the rows for which it is true are the slice.
        minimum_rows: With fewer rows, the slice is not measured; None for the plan's minimum.
        minimum_labels: With fewer labelled rows, its performance is not measured; None for the plan's minimum.
    """

    by: Annotated[tuple[str, ...], BeforeValidator(_listed), Field(max_length=2)] = ()
    top: int = Field(default=10, ge=1, le=100)
    name: Annotated[
        str,
        shaped(
            r"([A-Za-z][A-Za-z0-9_-]{0,59})?",
            "a name of at most 60 letters, digits, - and _ that begins with a letter, such as 'long_flights'",
        ),
    ] = ""
    where: Annotated[str, Field(max_length=2000)] = ""
    minimum_rows: int | None = Field(default=None, ge=1)
    minimum_labels: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _by_or_where(self) -> SliceDefinition:
        if bool(self.by) == bool(self.where):
            msg = "expected 'by' with one or two columns, or 'where' with an expression and 'name'"
            raise ValueError(msg)
        if bool(self.where) != bool(self.name):
            msg = "'where' needs a 'name', and 'by' takes none: its slices are called by column and value"
            raise ValueError(msg)
        if self.name == ANY:
            msg = f"expected another name: in rules of the plan {ANY!r} stands for all slices"
            raise ValueError(msg)
        if self.where and "top" in self.model_fields_set:
            msg = "'top' belongs to 'by'"
            raise ValueError(msg)
        if len({column.casefold() for column in self.by}) < len(self.by):
            msg = "expected two different columns"
            raise ValueError(msg)
        return self

    @property
    def label(self) -> str:
        """The name of the definition, such as ``origin & carrier``."""
        return self.name or " & ".join(map(short, self.by))

    @property
    def most(self) -> int:
        """How many slices there are at most, including those of other and of missing values."""
        return self.top + 2 if self.by else 1
