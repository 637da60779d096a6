"""The charts of a report as pictures in its mail, each with its numbers in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ConfigDict

from daywatch.report.charts.bar_chart import bars_png
from daywatch.report.charts.trend_chart import trend_png
from daywatch.report.sentences.incidents import shaded_windows
from daywatch.report.trend import metric_of_window
from daywatch.results import Record

if TYPE_CHECKING:
    from daywatch.report.content import Report
    from daywatch.report.sentences.report import ReportSentences


class InlineImage(Record):
    """A picture attached to the mail and shown in it.

    Attributes:
        cid: Content-ID of the picture, without the angle brackets.
        png: Bytes of the PNG file.
        alt: Alternative text: the picture's numbers in words.
    """

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    cid: str
    png: bytes
    alt: str


def column_images(report: Report, sentences: ReportSentences) -> list[InlineImage | None]:
    """Return the chart of each of the worst columns, None for a column without bars.

    Args:
        report: Content of the report.
        sentences: Sentences of the report, for the alternative texts.
    """
    return [
        InlineImage(
            cid=f"column-{i}", png=bars_png(column.baseline_bars, column.current_bars), alt=block.caption
        )
        if column.baseline_bars
        else None
        for i, (column, block) in enumerate(zip(report.worst_columns, sentences.columns, strict=True), 1)
    ]


def trend_image(report: Report, sentences: ReportSentences) -> InlineImage | None:
    """Return the chart of the headline metric over the last windows, None where there is no trend.

    Args:
        report: Content of the report.
        sentences: Sentences of the report, for the alternative text.
    """
    if not sentences.trend_title:
        return None
    metric = metric_of_window(report.metrics, report.headline_metric)
    png = trend_png(
        report.headline_metric,
        report.history,
        report.threshold_lines,
        metric.baseline if metric else None,
        shaded_windows(report),
    )
    return InlineImage(cid="trend", png=png, alt=sentences.trend_caption)
