"""A fault that a drill injects into a copy of a day, and what should be said about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daywatch.verdicts import CauseKind

if TYPE_CHECKING:
    from daywatch.verdicts import VerdictCause

ANSWERS = ("prediction", "probability")


@dataclass(frozen=True)
class Fault:
    """A fault, as a change of the day's canonical rows in SQL.

    Conditions and values see the day's columns, and ``n``, the position of the row.

    Attributes:
        name: What it is.
        kinds: The kinds of cause that are right.
        columns: The columns that are right, empty where it is about none.
        replaced: The new value of columns.
        kept: The condition of the rows that stay; it may use ``event_id`` and ``inference_time`` alone.
        repeated: Whether every row comes a second time under another id.
        duplicated: Whether every record comes a second time under its own id, and is left out.
        mismatched: The column whose value does not fit its type in the rows that do not stay.
        renamed: The column that was captured under another name.
        served: The new value of columns of the operations.
        needs_labels: Whether only labels show it.
    """

    name: str
    kinds: tuple[CauseKind, ...]
    columns: tuple[str, ...] = ()
    replaced: Mapping[str, str] = field(default_factory=dict)
    kept: str = "TRUE"
    repeated: bool = False
    duplicated: bool = False
    mismatched: str = ""
    renamed: str = ""
    served: Mapping[str, str] = field(default_factory=dict)
    needs_labels: bool = False

    def is_blamed(self, cause: VerdictCause) -> bool:
        """Return whether a cause has the kind, and the column where there is one, of the fault."""
        of_answers = cause.column in ANSWERS and bool(set(self.columns) & set(ANSWERS))
        return cause.kind in self.kinds and (not self.columns or cause.column in self.columns or of_answers)
