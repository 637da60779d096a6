"""Slices: which subsets of a window are measured by themselves."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from daywatch.config.base import Frozen

ANY = "any"
"""What a rule of the plan names for all slices at once."""

OTHER, MISSING, EMPTY = "(other)", "(missing)", "(empty)"
"""What stands for all values but the frequent ones, for no value, and for a value without characters."""

OF_VERSIONS = "version="
"""How the slices of model versions begin."""

MOST_SLICES = 200
"""Slices of a model: each gets some fifty numbers a window."""


_PART = 58
"""Characters of a column's name, and of a value, in a slice's name: two of each and a number fit 250."""


def short(text: str) -> str:
    """Return captured text fit for a part of a slice's name: printable, short, and marked where it is not the text.

    The mark is a hash of the text: what is cut or made harmless stays apart, and is called the same every day.
    """
    if text.isprintable() and 0 < len(text) <= _PART and text not in (OTHER, MISSING, EMPTY):
        return text
    if not text:
        return EMPTY
    visible = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)
    return f"{visible[: _PART - 13]}#{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:12]}"


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class Slicing(Frozen):
    """One way to cut a window: by the values of one or two columns, or by an expression.

    Attributes:
        by: The column, or two that are crossed.
        top: Of ``by``, how many of the baseline's most frequent values, or pairs, are slices of their own.
        name: Of ``where``, what the slice is called.
        where: SQL expression on a row: the rows for which it is true are the slice.
        minimum_rows: Fewer rows: the slice is not measured; None: the plan's minimum.
        minimum_labels: Fewer labelled rows: its performance is not measured; likewise.
    """

    by: Annotated[tuple[str, ...], BeforeValidator(_listed), Field(max_length=2)] = ()
    top: int = Field(default=10, ge=1, le=100)
    name: Annotated[str, Field(pattern=r"^([A-Za-z][A-Za-z0-9_-]{0,59})?$")] = ""
    where: Annotated[str, Field(max_length=2000)] = ""
    minimum_rows: int | None = Field(default=None, ge=1)
    minimum_labels: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _one_way(self) -> Slicing:
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
        """What the slicing is called, such as ``origin & carrier``."""
        return self.name or " & ".join(map(short, self.by))

    @property
    def most(self) -> int:
        """How many slices it makes at most, those of other and of missing values included."""
        return self.top + 2 if self.by else 1
