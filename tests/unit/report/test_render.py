"""The rendered mail: golden files, order, size, escaping, accessibility, determinism."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from email.message import EmailMessage
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from daywatch.config.deployment.settings import PROJECT
from daywatch.report.content import Link, Report
from daywatch.report.digest import Digest
from daywatch.report.figures import HistoryPoint
from daywatch.report.render import RenderedReport, _environment, render, render_digest, standalone_html
from daywatch.report.sentences.report import report_sentences
from daywatch.results import State
from jinja2 import UndefinedError
from PIL import Image

NAMES = ("blizzard", "no_data", "good_day", "amber_to_red", "recovered", "hostile")


class Page(HTMLParser):
    """Start tags with their attributes, and the text between them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.shown: list[str] = []
        self._hidden = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("style", "title"):
            self._hidden = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden:
            self._hidden = ""

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.shown.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.shown).replace("\u00a0", " ").split())


@pytest.mark.parametrize("name", NAMES)
def test_golden(name: str, reports: dict[str, Report], golden: Path, renew_golden: bool) -> None:
    compare(render(reports[name]), golden / name, renew=renew_golden)


def test_golden_digest(digest: Digest, golden: Path, renew_golden: bool) -> None:
    """A RED on the tenth day of an acknowledged incident is a line here, and no mail."""
    compare(render_digest(digest), golden / "digest", renew=renew_golden)


def compare(rendered: RenderedReport, golden: Path, *, renew: bool) -> None:
    """Compare HTML and text with the golden files, or write them anew."""
    for suffix, content in ((".html", rendered.html), (".txt", rendered.text)):
        file = golden.with_suffix(suffix)
        if renew:
            file.write_text(content, encoding="utf-8")
        assert content == file.read_text(encoding="utf-8"), "see --renew-golden in conftest.py"


def test_subject_says_state_model_window_and_reason(blizzard: Report) -> None:
    assert render(blizzard).subject == "[RED] flights 2013-02-09: ROC AUC 0.64 (red <= 0.7)"


def test_parts_come_in_the_readers_order(blizzard: Report) -> None:
    rendered = render(blizzard)
    headings = (
        "ROC AUC is 0.637",
        "New in this window: the previous judged window was GREEN.",
        "What to do",
        "What changed",
        "ROC AUC, last 9 windows",
        "Worst columns",
        "Counts",
        "Failed expectations",
        "Findings",
        "Details",
        "Baseline 2013-01-22_2013-01-31-8c41d0, revision 5b1f0c2e9a47",
    )
    page = Page(rendered.html[rendered.html.index("<h1") :]).text
    for shown in (page.lower(), " ".join(rendered.text.split()).lower()):
        places = [shown.find(heading.lower()) for heading in headings]
        assert -1 not in places
        assert places == sorted(places)


def test_the_first_chart_is_the_failing_rules(blizzard: Report) -> None:
    """ROC AUC made the blizzard RED: its trend comes first. A rule on a column makes the columns come first."""
    assert [image.cid for image in render(blizzard).images] == ["trend", "column-1", "column-2", "column-3"]

    rule = blizzard.verdict.rules[0].model_copy(update={"metric": "drift_score", "column": "dep_delay"})
    verdict = blizzard.verdict.model_copy(update={"rules": (rule, *blizzard.verdict.rules)})
    rendered = render(blizzard.model_copy(update={"verdict": verdict}))
    assert next(image.cid for image in rendered.images) == "column-1"
    assert rendered.html.index("cid:column-1") < rendered.html.index("cid:trend")


@pytest.mark.parametrize(
    ("red", "others", "sentence"),
    [
        (("latency_p95",), ("roc_auc",), "The service or its captures are at fault. No rule on the model's"),
        (("error_share", "hours_without_captures"), (), "The service or its captures are at fault."),
        (("quarantined_share",), (), "A part of the window could not be read."),
        (("latency_p95", "drift_score"), (), "Do not rely on this model"),
        (("null_share",), (), "Do not rely on this model"),
        (("a_metric_of_later",), (), "Do not rely on this model"),
    ],
)
def test_a_fault_of_the_service_is_none_of_the_model(
    red: tuple[str, ...], others: tuple[str, ...], sentence: str, blizzard: Report
) -> None:
    first = blizzard.verdict.rules[0]
    rules = [first.model_copy(update={"metric": name, "state": State.RED}) for name in red]
    rules += [first.model_copy(update={"metric": name, "state": State.GREY}) for name in others]
    verdict = blizzard.verdict.model_copy(update={"rules": tuple(rules)})

    said = report_sentences(blizzard.model_copy(update={"verdict": verdict})).meaning

    assert said.startswith(sentence)


def test_a_green_after_a_red_says_that_it_recovered(reports: dict[str, Report]) -> None:
    rendered = render(reports["good_day"])

    assert rendered.subject == "[GREEN] flights 2013-02-04: recovered after 1 day, ROC AUC 0.93"
    assert "Recovered after 1 day: AMBER since 2013-02-03." in rendered.text
    again = reports["good_day"].model_copy(update={"earlier_state": State.GREY})
    assert "ecovered" not in render(again).text


def test_a_window_without_rows_says_what_is_missing_and_no_more(blizzard: Report) -> None:
    """Whatever else was measured of it."""
    verdict = blizzard.verdict.model_copy(update={"state": State.GREY})
    empty = blizzard.counts.model_copy(update={"rows": 0, "quarantined": 756})
    text = render(blizzard.model_copy(update={"verdict": verdict, "counts": empty})).text

    headings = [line for line in text.splitlines() if line.isupper()]
    assert headings == ["WHAT TO DO", "COUNTS", "DETAILS"]
    assert len(render(blizzard.model_copy(update={"verdict": verdict})).images) == 4


def test_html_and_text_hold_the_same_facts(blizzard: Report) -> None:
    rendered = render(blizzard)
    alternative = " ".join(image.alt for image in rendered.images)
    html, text = Page(rendered.html).text + alternative, " ".join(rendered.text.split())
    for fact in (
        "within 4 hours of this mail",
        "On-call of flight operations analytics",
        "The plan asks for it; its run in Airflow is retrain__flights__2013-02-09.",
        "0.637",
        "0.865",
        "green >= 0.8, red <= 0.7",
        "53.0 %",
        "Drift score 0.412, threshold 0.1",
        "401 rows failed (53.0 %); mostly 0.95",
        "observed 756; max_value 1100, min_value 760",
        "2 of 16 values of the baseline did not come",
        "756 (100 %)",
        "evidently.html",
        "tier 1",
    ):
        assert fact in html
        assert fact in text


def test_critical_expectations_come_first(blizzard: Report) -> None:
    text = render(blizzard).text
    assert 0 < text.index("critical  dep_delay") < text.index("warning   table row count")


@pytest.mark.parametrize("failures", [10, 11, 25])
def test_long_lists_end_with_how_many_more(failures: int, blizzard: Report) -> None:
    report = blizzard.model_copy(update={"failed_expectations": blizzard.failed_expectations[:1] * failures})
    rendered = render(report)
    for shown in (rendered.text, rendered.html):
        assert shown.count("observed 756") == 10
        assert (f"and {failures - 10} more" in shown) is (failures > 10)


def test_run_of_a_state_is_told(blizzard: Report) -> None:
    update = {"since": "2013-02-07", "windows_in_state": 3, "previous_state": State.RED}
    assert "RED since 2013-02-07, 3 windows in a row." in render(blizzard.model_copy(update=update)).text


def test_first_window_is_named_as_such(blizzard: Report) -> None:
    text = render(blizzard.model_copy(update={"previous_state": None})).text
    assert "This is the first judged window of the model." in text


def test_grey_says_what_is_missing_and_where_it_was_expected(no_data: Report) -> None:
    rendered = render(no_data)
    for shown in (Page(rendered.html).text, rendered.text):
        assert "Capture records" in shown
        assert "s3://data/flights-endpoint/AllTraffic/2013/02/10/00/ to 23/" in shown
        assert "Do not take this for a good verdict." in " ".join(shown.split())
        assert "GREEN" not in shown.split("ROC AUC, last")[0].split("ROC AUC, LAST")[0]


def test_reasons_beyond_the_rules_are_not_lost(blizzard: Report) -> None:
    reasons = (*blizzard.verdict.reasons, "Labels are immature.")
    verdict = blizzard.verdict.model_copy(update={"reasons": reasons})
    rendered = render(blizzard.model_copy(update={"verdict": verdict}))
    assert "- Labels are immature." in rendered.text
    assert "Labels are immature." in rendered.html


@pytest.mark.parametrize("name", NAMES)
def test_below_200_kilobytes_as_mail_and_as_page(name: str, reports: dict[str, Report]) -> None:
    rendered = render(reports[name])
    mail = EmailMessage()
    mail.set_content(rendered.text)
    mail.add_alternative(rendered.html, subtype="html")
    for image in rendered.images:
        mail.add_attachment(image.png, "image", "png")
    assert len(mail.as_bytes()) < 200_000
    assert len(standalone_html(rendered)) < 200_000
    assert len(rendered.html) < 102_000, "Gmail cuts a longer HTML"


def test_fullest_report_stays_below_200_kilobytes(blizzard: Report) -> None:
    points = tuple(
        HistoryPoint(window=f"2013-03-{day:02d}", state=state, value=day / 14, rows=10**7, labelled=10**7)
        for day, state in zip(range(1, 15), [*State] * 4, strict=False)
    )
    bars = tuple((f"category {i}", (i * 37 % 11 + 1) / 66) for i in range(13))
    column = blizzard.worst_columns[0].model_copy(update={"baseline_bars": bars, "current_bars": bars})
    report = blizzard.model_copy(update={"history": points, "worst_columns": (column,) * 3})
    assert len(standalone_html(render(report))) < 200_000


def test_same_report_same_bytes_in_another_process(reports: dict[str, Report]) -> None:
    program = (
        "import sys, hashlib; from daywatch.report.content import Report; "
        "from daywatch.report.render import render, standalone_html; "
        "r = render(Report.model_validate_json(sys.stdin.read())); "
        "print(hashlib.sha256((standalone_html(r) + r.text).encode()).hexdigest())"
    )
    rendered = render(reports["blizzard"])
    mine = hashlib.sha256((standalone_html(rendered) + rendered.text).encode()).hexdigest()
    other = subprocess.run(
        [sys.executable, "-c", program],
        input=reports["blizzard"].model_dump_json(),
        env={"PYTHONPATH": str(PROJECT / "include"), "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout.strip() == mine


def _invisible(text: str) -> set[str]:
    return set(re.findall("[\x00-\x08\x0b-\x1f\x7f\u200b\u202a-\u202e\u2066-\u2069]", text))


def test_hostile_values_are_escaped_and_visible(hostile: Report) -> None:
    rendered = render(hostile)
    page = Page(rendered.html)
    names = {name for name, _ in page.tags}
    assert not names & {"script", "b", "iframe", "form", "object"}
    assert not any(key.startswith("on") for _, attributes in page.tags for key in attributes)
    assert not _invisible(rendered.html + rendered.text + rendered.subject)
    assert "\\u202e" in rendered.text
    assert "\n" not in rendered.subject + "".join(image.alt for image in rendered.images)
    assert "\r" not in rendered.subject
    assert len(rendered.subject) <= 180


def test_only_web_addresses_become_links(blizzard: Report) -> None:
    addresses = ("javascript:alert(1)", "data:text/html,x", "s3://a/b", "https://a.example/?a=1&b=\"'")
    links = tuple(Link(title="t", url=url) for url in addresses)
    rendered = render(blizzard.model_copy(update={"links": links, "incidents": ()}))
    assert [link["href"] for link in Page(rendered.html).all("a")] == [addresses[3]]


def test_text_has_at_most_78_columns_but_for_addresses(reports: dict[str, Report]) -> None:
    for name, report in reports.items():
        long = [line for line in render(report).text.splitlines() if len(line) > 78]
        assert all("://" in line for line in long), (name, long)


def test_accessibility_basics(blizzard: Report) -> None:
    rendered = render(blizzard)
    page = Page(rendered.html)
    assert page.all("html")[0]["lang"] == "en"
    assert next(tag for tag, _ in page.tags if tag in ("h1", "h2", "h3")) == "h1"
    assert len(page.all("h1")) == 1
    assert len(page.all("h2")) >= 6
    assert all(image["alt"] and image["width"] for image in page.all("img"))
    assert "missing 53.0 % (2.0 %)" in rendered.images[1].alt
    assert "2013-02-09 0.637 RED" in rendered.images[0].alt
    layout = [table for table in page.all("table") if table.get("role") == "presentation"]
    data = [table for table in page.all("table") if table.get("role") != "presentation"]
    assert layout
    assert len(data) == 6
    assert all(cell.get("scope") in ("col", "row") for cell in page.all("th"))
    assert re.search(r">RED</span>", rendered.html), "the state is a word, not only a colour"


def test_readable_in_dark_clients_and_on_phones(blizzard: Report) -> None:
    html = render(blizzard).html
    names = {meta.get("name"): meta.get("content") for meta in Page(html).all("meta")}
    assert names["color-scheme"] == "light dark"
    assert names["supported-color-schemes"] == "light dark"
    assert "width=device-width" in str(names["viewport"])
    assert "@media (prefers-color-scheme: dark)" in html
    assert "@media only screen and (max-width: 480px)" in html
    assert re.search(r'<h1 style="[^"]*font-size: 23px', html), "styles are inlined"
    assert "http://fonts" not in html
    assert "position:" not in html


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("#ffffff", "#cf222e"),
        ("#ffffff", "#9a6700"),
        ("#ffffff", "#1a7f37"),
        ("#ffffff", "#57606a"),
        ("#1f2328", "#ffffff"),
        ("#57606a", "#f6f8fa"),
        ("#0b57d0", "#ffffff"),
        ("#e9e9ea", "#161616"),
        ("#adadb0", "#232324"),
        ("#7ab7ff", "#161616"),
        ("#ff8f87", "#161616"),
    ],
)
def test_contrast_is_that_of_wcag_aa(text: str, ground: str, blizzard: Report) -> None:
    templates = PROJECT / "include" / "daywatch" / "report" / "templates"
    used = "".join(file.read_text(encoding="utf-8") for file in sorted(templates.glob("*.css")))
    assert text in used
    assert ground in used
    light, dark = sorted((_luminance(text), _luminance(ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_images_are_png_of_twice_the_shown_width(blizzard: Report) -> None:
    rendered = render(blizzard)
    assert [image.cid for image in rendered.images] == ["trend", "column-1", "column-2", "column-3"]
    for image in rendered.images:
        picture = Image.open(BytesIO(image.png))
        assert picture.format == "PNG"
        assert picture.width >= 2 * 576
        assert f'src="cid:{image.cid}"' in rendered.html


def test_standalone_page_needs_nothing_else(blizzard: Report) -> None:
    page = standalone_html(render(blizzard))
    assert "cid:" not in page
    assert [str(image["src"])[:22] for image in Page(page).all("img")] == ["data:image/png;base64,"] * 4


def test_templates_fail_on_names_that_are_not_there() -> None:
    environment = _environment()
    with pytest.raises(UndefinedError, match="unheard_of"):
        environment.from_string("{{ unheard_of }}").render()


def test_importing_it_loads_no_heavy_library() -> None:
    program = (
        "import sys, daywatch.report.render, daywatch.report.columns, daywatch.notify.smtp; "
        "print(sorted({'PIL', 'jinja2', 'css_inline', 'numpy', 'pandas', 'airflow'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(PROJECT / "include")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_a_rendered_report_is_stored_whole(reports: dict[str, Report]) -> None:
    for report in reports.values():
        rendered = render(report)
        assert RenderedReport.model_validate_json(rendered.model_dump_json(indent=1)) == rendered


def test_rendered_report_is_frozen(blizzard: Report) -> None:
    rendered: RenderedReport = render(blizzard)
    with pytest.raises(ValueError, match="frozen"):
        rendered.subject = "x"  # type: ignore[misc]


def test_performance_is_the_usual_and_what_rules_name(blizzard: Report) -> None:
    """Of dozens of numbers the mail shows those that people ask for."""

    def shown(report: Report) -> list[str]:
        return [row.title for row in report_sentences(report).performance]

    assert "Recall" in shown(blizzard)
    assert not {"Recall of 0", "True positives", "Precision, mean of classes"} & set(shown(blizzard))

    rule = blizzard.verdict.rules[0].model_copy(update={"metric": "recall", "class_name": "0"})
    verdict = blizzard.verdict.model_copy(update={"rules": (rule,)})
    assert "Recall of 0" in shown(blizzard.model_copy(update={"verdict": verdict}))
