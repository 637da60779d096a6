"""Render a report as a mail: subject, HTML, plain text and pictures. Pure and deterministic."""

from __future__ import annotations

import base64
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daywatch.report.charts.bar_chart import plotted_labels
from daywatch.report.charts.canvas import SHOWN_WIDTH
from daywatch.report.charts.images import InlineImage, column_images, trend_image
from daywatch.report.content import Report, without_empty_parts
from daywatch.report.digest import Digest, since_text, visible_digest
from daywatch.report.digest_text import digest_text
from daywatch.report.notice import Notice, NoticeKind, visible_notice
from daywatch.report.notice_text import notice_text
from daywatch.report.sentences.report import report_sentences
from daywatch.report.text import brief_text, plain_text
from daywatch.report.visible import visible_report
from daywatch.results import Record, State

if TYPE_CHECKING:
    from jinja2 import Environment

_SUBJECT_LENGTH = 180
_COMPARISON = re.compile(r"([<>]=?) (?=\S)")
_CID_IMAGE = re.compile(r'src="cid:([a-z0-9-]+)"')


class RenderedReport(Record):
    """A report ready to send and to store.

    Attributes:
        subject: Subject of the mail, one line.
        html: HTML of the mail, with pictures as ``cid:`` addresses.
        text: Plain text with the same content.
        images: Pictures in the order of the HTML.
        model: Name of the model.
        state: Verdict on the window, or the kind of a notice.
        brief: The same in a few lines, for services that show no mail.
    """

    subject: str
    html: str
    text: str
    images: tuple[InlineImage, ...]
    model: str
    state: State | NoticeKind
    brief: str = ""


def render(report: Report) -> RenderedReport:
    """Render a report; the same report gives the same bytes.

    Args:
        report: Content of the report, with captured text as it was captured.
    """
    shown = visible_report(without_empty_parts(report))
    sentences = report_sentences(shown)
    columns, trend = column_images(shown, sentences), trend_image(shown, sentences)
    pictures = (trend, *columns) if sentences.trend_first else (*columns, trend)
    legends = [plotted_labels([label for label, _ in c.baseline_bars])[1] for c in shown.worst_columns]
    html = (
        _environment()
        .get_template("report.html.j2")
        .render(
            mail=sentences,
            about=shown,
            report=shown,
            sentences=sentences,
            column_images=columns,
            column_legends=legends,
            trend_image=trend,
            chart_width=SHOWN_WIDTH,
            is_web=_is_web,
        )
    )
    return RenderedReport(
        subject=_cut(sentences.subject),
        html=_with_inline_styles(html),
        text=plain_text(shown, sentences),
        images=tuple(image for image in pictures if image),
        model=shown.model,
        state=shown.verdict.state,
        brief=brief_text(shown, sentences),
    )


def render_notice(notice: Notice) -> RenderedReport:
    """Render a notice; the same notice gives the same bytes.

    Args:
        notice: Content of the notice, with the error as it was raised.
    """
    shown = visible_notice(notice)
    template = _environment().get_template("notice.html.j2")
    return RenderedReport(
        subject=_cut(shown.subject),
        html=_with_inline_styles(template.render(mail=shown, about=shown, notice=shown, is_web=_is_web)),
        text=notice_text(shown),
        images=(),
        model=shown.model,
        state=shown.state,
    )


def render_digest(digest: Digest) -> RenderedReport:
    """Render a digest; the same digest gives the same bytes.

    Args:
        digest: Content of the digest, with captured text as it was captured.
    """
    shown = visible_digest(digest)
    mail = {"subject": shown.subject, "headline": shown.headline, "since": shown.owner, "state": shown.state}
    about = {"model": "Digest", "window": shown.day, "links": shown.links}
    template = _environment().get_template("digest.html.j2")
    html = template.render(mail=mail, about=about, digest=shown, since_text=since_text, is_web=_is_web)
    return RenderedReport(
        subject=_cut(shown.subject),
        html=_with_inline_styles(html),
        text=digest_text(shown),
        images=(),
        model=shown.thread,
        state=shown.state,
    )


def standalone_html(rendered: RenderedReport) -> str:
    """Return the HTML with the pictures as ``data:`` addresses, for a page that browsers open."""
    pictures = {image.cid: base64.b64encode(image.png).decode("ascii") for image in rendered.images}
    return _CID_IMAGE.sub(lambda m: f'src="data:image/png;base64,{pictures[m.group(1)]}"', rendered.html)


def _is_web(url: str) -> bool:
    """Return whether an address may become a link; ``javascript:`` and the like stay text."""
    return url.startswith(("https://", "http://"))


def _cut(subject: str) -> str:
    return subject if len(subject) <= _SUBJECT_LENGTH else subject[: _SUBJECT_LENGTH - 1] + "…"


@cache
def _environment() -> Environment:
    """Return Jinja with escaping on and an error for each unknown name."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = Path(__file__).parent / "templates"
    return Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, finalize=_without_breaks
    )


def _without_breaks(value: Any) -> Any:
    """Keep a number and its percent sign on one line, and a comparison and its threshold."""
    if type(value) is not str:
        return value
    return _COMPARISON.sub("\\1\u00a0", value.replace(" %", "\u00a0%"))


def _with_inline_styles(html: str) -> str:
    """Move the styles into the elements: mail clients drop style sheets."""
    import css_inline

    return css_inline.CSSInliner(load_remote_stylesheets=False).inline(html)
