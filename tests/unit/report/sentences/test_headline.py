"""The first sentence of the mail: the first cause, and what follows from it."""

from __future__ import annotations

import pytest
from bad_days import AUC, DRIFT, MISSING, outcome, verdict
from daywatch.report.content import Report, ReportCounts
from daywatch.report.render import render
from daywatch.report.sentences.verdict import headline
from daywatch.results import State
from daywatch.verdicts import RuleOutcome

RED = State.RED
SENTENCE = "amount is missing in 70 % of the rows (baseline 3.9 %)"


def report(*outcomes: RuleOutcome) -> Report:
    return Report(
        model="shop",
        namespace="/test/shop",
        owner="team",
        tier=2,
        description="d",
        task="binary_classification",
        window="2024-03-03",
        revision="r",
        verdict=verdict(*outcomes),
        since="2024-03-03",
        windows_in_state=1,
        counts=ReportCounts(records=1, rows=1, quarantined=0, unanswered=0, labelled=1),
    )


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ((outcome(MISSING, RED, SENTENCE),), SENTENCE),
        (
            (outcome(MISSING, RED, SENTENCE), outcome(AUC, RED, "ROC AUC 0.635")),
            f"{SENTENCE}; ROC AUC 0.635 follows from it",
        ),
        ((outcome(DRIFT, RED, "country drifted"),), "country drifted"),
        ((), "all is well"),
    ],
)
def test_the_headline(outcomes: tuple[RuleOutcome, ...], expected: str) -> None:
    assert headline(report(*outcomes)).lower() == expected.lower()


def test_a_cause_that_names_the_fall_of_performance_does_not_name_it_twice() -> None:
    fallen = report(outcome(MISSING, RED, SENTENCE), outcome(AUC, RED, "ROC AUC 0.635"))
    first, *rest = fallen.verdict.causes
    causes = (first.model_copy(update={"explained": 1.0}), *rest)

    named = fallen.model_copy(update={"verdict": fallen.verdict.model_copy(update={"causes": causes})})

    assert headline(named).lower() == SENTENCE.lower()


def test_the_mail_and_the_message_begin_with_it_and_show_hostile_values_as_escapes() -> None:
    hostile = "amount is missing \x1b[31m<script>"
    rendered = render(report(outcome(MISSING, RED, hostile), outcome(AUC, RED, "\u202eAUC <b>")))

    expected = "amount is missing \\x1b[31m<script>; \\u202eAUC <b> follows from it"
    assert rendered.brief.splitlines()[0].lower() == expected.lower()
    assert expected.lower() in " ".join(rendered.text.split()).lower()
    assert "<script>" not in rendered.html
    assert "<b>" not in rendered.html
