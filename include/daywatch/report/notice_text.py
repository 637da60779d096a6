"""The plain text of a notice."""

from __future__ import annotations

from daywatch.report.notice import Notice
from daywatch.report.text import COLUMNS, footer_lines, link_lines, wrapped


def notice_text(notice: Notice) -> str:
    """Lay a notice out as text.

    Args:
        notice: Content of the notice, with the error made visible.
    """
    top = [
        *wrapped(f"{notice.state}  {notice.model}  {notice.window}"),
        "=" * COLUMNS,
        *wrapped(notice.headline),
        *wrapped(notice.since),
        *wrapped(notice.meaning),
    ]
    to_do = [
        "WHAT TO DO",
        *wrapped(notice.do),
        *wrapped(notice.owner, "Who:        "),
        *wrapped(notice.runbook, "Runbook:    "),
    ]
    error = ["ERROR", *wrapped(notice.error)] if notice.error else []
    widths = [max(map(len, column)) for column in zip(*notice.table, strict=True)]
    table = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in notice.table
    ]
    compared = ["COMPARISON ON THE SAME HELD-BACK ROWS", *table] if table else []
    parts = [top, to_do, compared, error, link_lines(notice.links), footer_lines(notice, ())]
    return "\n\n".join("\n".join(lines) for lines in map(list, parts) if lines) + "\n"
