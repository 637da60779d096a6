"""What the search for causes found: a change that explains why a column, or the performance, stands out."""

from __future__ import annotations

from daywatch.results import Number, Record


class Diagnosis(Record):
    """An explanation of what stands out in a window.

    Attributes:
        name: What it is, such as ``unit_change``; ``daywatch.judge.causes.meanings`` says of which kind.
        column: Name of the column, empty for the whole window.
        others: Names of other columns that it explains too.
        slice: Name of the slice that it is limited to, empty for all rows.
        rows: Rows of the window that it is about.
        sentence: One sentence with the numbers.
        short: The same in a few words.
        explained: The share of the fall of performance that goes with these rows, None where that was not measured.
    """

    name: str
    column: str = ""
    others: tuple[str, ...] = ()
    slice: str = ""
    rows: int
    sentence: str
    short: str
    explained: Number = None

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that it explains."""
        return (self.column, *self.others) if self.column else self.others
