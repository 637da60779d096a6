"""Slices in the mail: the worst one on the first screen, the bad ones in a table, the others nowhere."""

from __future__ import annotations

from daywatch.report.content import Report
from daywatch.report.render import render
from daywatch.report.sentences.report import report_sentences
from daywatch.report.sentences.slices import MOST_SLICES, slice_row
from daywatch.results import BadSlice, FindingCode


def test_the_worst_slice_stands_before_what_to_do_and_not_among_the_findings(blizzard: Report) -> None:
    words = report_sentences(blizzard)
    assert words.worst_slice.startswith(
        "Worst slice origin=JFK & carrier=B6: 11.0 % of the rows, 46.0 % of the"
    )
    assert words.worst_slice.endswith("45.6 % of its change from 0.865.")
    assert [detail for _, detail in words.findings if "slice" in detail] == []
    rendered = render(blizzard)
    for text in (rendered.html, rendered.text):
        assert text.lower().index("worst slice") < text.lower().index("what to do")
        assert text.lower().count("worst slice") == 1


def test_a_window_without_bad_slices_does_not_speak_of_them(reports: dict[str, Report]) -> None:
    good_day = reports["good_day"]
    words = report_sentences(good_day)
    assert (words.worst_slice, words.slices, words.slices_metric) == ("", (), "")
    rendered = render(good_day)
    assert "slice" not in rendered.text.lower()
    assert ">Slices" not in rendered.html


def test_five_slices_are_shown_the_worst_first(blizzard: Report) -> None:
    bad = tuple(blizzard.bad_slices[0].model_copy(update={"slice": f"s{number}"}) for number in range(10))
    words = report_sentences(blizzard.model_copy(update={"bad_slices": bad}))
    assert [row.name for row in words.slices] == [f"s{number}" for number in range(MOST_SLICES)]
    assert words.slices_metric == "ROC AUC"


def test_a_slice_in_words() -> None:
    row = slice_row(
        BadSlice(
            slice="long", rows=1234, rows_share=0.5, error_share=0.75, metric="mae", value=12.3, baseline=None
        )
    )
    assert (row.value, row.baseline) == ("12.3", "none")
    assert row.parts == "50.0 % of the rows, 75.0 % of the errors, 1,234 labelled rows"


def test_every_code_but_the_worst_slice_is_listed(blizzard: Report) -> None:
    finding = next(one for one in blizzard.findings if one.code is not FindingCode.WORST_SLICE)
    words = report_sentences(blizzard.model_copy(update={"findings": (*blizzard.findings, *[finding] * 12)}))
    assert len(words.findings) == 10
    assert words.more_findings == 3
