"""What could not be read, as rows of a report: reason, count, columns, and one example."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daywatch.report.content import Report


@dataclass(frozen=True)
class QuarantineRow:
    """One reason of quarantine.

    Attributes:
        title: The reason, with the columns that it names.
        count: How many records or labels.
        example: Where one of them is, and what is wrong with it.
    """

    title: str
    count: str
    example: str


def quarantine_rows(report: Report) -> tuple[QuarantineRow, ...]:
    """Return the reasons of quarantine, those of records first, the most frequent first.

    Args:
        report: Content of the report, with captured text made visible.
    """
    return tuple(
        QuarantineRow(
            title=f"{group.reason} in {', '.join(group.columns)}" if group.columns else group.reason,
            count=group.number,
            example=group.example,
        )
        for group in report.quarantine
    )
