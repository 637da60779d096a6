"""The classes that a day confuses, on the first screen of the mail."""

from __future__ import annotations

from daywatch.report.content import Report
from daywatch.report.render import render
from daywatch.report.sentences.report import report_sentences
from daywatch.results import Finding, FindingCode

DETAIL = "confused more often than in the baseline: septé → one: 27 of 28, baseline 1 of 295"


def test_they_stand_before_what_to_do_and_not_among_the_findings(blizzard: Report) -> None:
    finding = Finding(code=FindingCode.CLASSES_CONFUSED, detail=DETAIL, count=27)
    report = blizzard.model_copy(update={"findings": (*blizzard.findings, finding)})
    words = report_sentences(report)
    assert words.confused_classes == f"C{DETAIL[1:]}."
    assert words.findings == report_sentences(blizzard).findings
    rendered = render(report)
    for text in (rendered.html, rendered.text):
        assert text.count("septé → one: 27 of 28") == 1
        assert text.index("septé") < text.lower().index("what to do")
    assert report_sentences(blizzard).confused_classes == ""
