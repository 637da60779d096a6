"""What a report accepts."""

from __future__ import annotations

import pytest
from daywatch.report.content import Report, ReportAction
from daywatch.report.figures import LABEL_LENGTH, ColumnComparison
from pydantic import ValidationError


def test_survives_json(reports: dict[str, Report]) -> None:
    for report in reports.values():
        assert Report.model_validate_json(report.model_dump_json()) == Report.model_validate(
            report.model_dump()
        )


def test_bars_share_their_labels() -> None:
    with pytest.raises(ValidationError, match="different labels"):
        ColumnComparison(column="a", baseline_bars=(("x", 1.0),), current_bars=(("y", 1.0),), sentence="s")


def test_labels_are_cut() -> None:
    bars = (("x" * 1000, 1.0),)
    column = ColumnComparison(column="a", baseline_bars=bars, current_bars=bars, sentence="s")
    assert len(column.current_bars[0][0]) == LABEL_LENGTH


def test_at_most_fourteen_windows_and_three_columns(blizzard: Report) -> None:
    for field, most in (("history", 14), ("worst_columns", 3)):
        items = getattr(blizzard, field)[:1] * (most + 1)
        with pytest.raises(ValidationError, match=f"at most {most} items"):
            Report.model_validate({**blizzard.model_dump(), field: items})


def test_line_breaks_of_the_yaml_mean_nothing() -> None:
    assert ReportAction(do="Look\n  at it.\n", who="we", within_hours=1).do == "Look at it."
