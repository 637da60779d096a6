"""From a report's content to a mail: subject, HTML, plain text and pictures. Pure and deterministic."""

from __future__ import annotations

import base64
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict

from daywatch.report.charts.bar_chart import bars_png, drawn_labels
from daywatch.report.charts.canvas import SHOWN_WIDTH
from daywatch.report.charts.trend_chart import trend_png
from daywatch.report.content import Report
from daywatch.report.sentences import Facts, facts
from daywatch.report.text import plain_text
from daywatch.report.visible import visible_report
from daywatch.results import Record, State

if TYPE_CHECKING:
    from jinja2 import Environment

_SUBJECT_LENGTH = 180
_COMPARISON = re.compile(r"([<>]=?) (?=\S)")
_CID_IMAGE = re.compile(r'src="cid:([a-z0-9-]+)"')


class InlineImage(Record):
    """A picture attached to the mail and shown in it.

    Attributes:
        cid: Its Content-ID, without the angle brackets.
        png: Its bytes.
        alt: Its numbers in words.
    """

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    cid: str
    png: bytes
    alt: str


class RenderedReport(Record):
    """A report ready to send and to store.

    Attributes:
        subject: One line.
        html: With pictures as ``cid:`` addresses.
        text: The same facts as plain text.
        images: The pictures, in the order of the HTML.
        model: The model it is about.
        state: The verdict.
    """

    subject: str
    html: str
    text: str
    images: tuple[InlineImage, ...]
    model: str
    state: State


def render(report: Report) -> RenderedReport:
    """Render a report; the same report gives the same bytes."""
    shown = visible_report(report)
    words = facts(shown)
    columns = [_column_image(shown, words, i) for i in range(len(shown.worst_columns))]
    trend = _trend_image(shown, words)
    legends = [drawn_labels([label for label, _ in c.baseline_bars])[1] for c in shown.worst_columns]
    html = (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=shown,
            facts=words,
            column_images=columns,
            column_legends=legends,
            trend_image=trend,
            chart_width=SHOWN_WIDTH,
            is_web=_is_web,
        )
    )
    return RenderedReport(
        subject=_cut(words.subject),
        html=_inlined(html),
        text=plain_text(shown, words),
        images=tuple(image for image in (*columns, trend) if image),
        model=shown.model,
        state=shown.verdict.state,
    )


def standalone_html(rendered: RenderedReport) -> str:
    """Return the HTML with its pictures inside, for a stored page that browsers open."""
    pictures = {image.cid: base64.b64encode(image.png).decode("ascii") for image in rendered.images}
    return _CID_IMAGE.sub(lambda m: f'src="data:image/png;base64,{pictures[m.group(1)]}"', rendered.html)


def _column_image(report: Report, words: Facts, i: int) -> InlineImage | None:
    column = report.worst_columns[i]
    if not column.baseline_bars:
        return None
    png = bars_png(column.baseline_bars, column.current_bars)
    return InlineImage(cid=f"column-{i + 1}", png=png, alt=words.columns[i].caption)


def _trend_image(report: Report, words: Facts) -> InlineImage | None:
    if not words.trend_title:
        return None
    headline = (
        m
        for m in report.metrics
        if m.name == report.headline_metric and not (m.column or m.class_name or m.slice)
    )
    baseline = next((metric.baseline for metric in headline), None)
    png = trend_png(report.headline_metric, report.history, report.threshold_lines, baseline)
    return InlineImage(cid="trend", png=png, alt=words.trend_caption)


def _is_web(url: str) -> bool:
    """True for addresses that may become links; ``javascript:`` and the like stay text."""
    return url.startswith(("https://", "http://"))


def _cut(subject: str) -> str:
    return subject if len(subject) <= _SUBJECT_LENGTH else subject[: _SUBJECT_LENGTH - 1] + "…"


@cache
def _environment() -> Environment:
    """Return Jinja with escaping on, and a failure for every name that is not there."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = Path(__file__).parent / "templates"
    return Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, finalize=_unbroken
    )


def _unbroken(value: Any) -> Any:
    """Keep a number and its percent sign on one line, and a threshold with its comparison."""
    if type(value) is not str:
        return value
    return _COMPARISON.sub("\\1\u00a0", value.replace(" %", "\u00a0%"))


def _inlined(html: str) -> str:
    """Move the styles into the elements: mail clients drop style sheets, all but the kept one."""
    import css_inline

    return css_inline.CSSInliner(load_remote_stylesheets=False).inline(html)
