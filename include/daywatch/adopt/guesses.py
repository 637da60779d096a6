"""A part of the proposed YAML, with what each guess in it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from daywatch.adopt.columns import SampledColumn

LABELS = ("label", "target", "y", "actual", "outcome", "ground_truth", "truth", "class")
"""Usual names of a column of labels."""


@dataclass(frozen=True)
class Section:
    """A section of the YAML.

    Attributes:
        values: Its keys and values.
        because: What a value rests on, as a comment, by its key.
        decisions: What a person has to decide about it, as sentences.
    """

    values: Mapping[str, Any]
    because: Mapping[str, str] = field(default_factory=dict)
    decisions: Sequence[str] = ()


@dataclass(frozen=True)
class Captured:
    """The captures of the sample.

    Attributes:
        capture: The section ``capture``.
        features: The columns of the requests.
        answers: The columns of the responses.
        has_names: Whether the captures name the features; else they have positions.
        answers_have_names: The same of the answers.
        rows: Number of rows in the sample.
    """

    capture: Section
    features: tuple[SampledColumn, ...]
    answers: tuple[SampledColumn, ...]
    has_names: bool
    answers_have_names: bool
    rows: int = 0


def named(columns: Sequence[SampledColumn], names: Sequence[str]) -> SampledColumn | None:
    """Return the column that has the first of these names, whatever its capital letters; None if none has one."""
    by_name = {one.name.casefold(): one for one in reversed(columns)}
    return next((by_name[name] for name in names if name in by_name), None)
