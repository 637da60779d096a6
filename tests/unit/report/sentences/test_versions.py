"""The metrics of a window by model version."""

from __future__ import annotations

from daywatch.report.content import Report
from daywatch.report.render import render
from daywatch.report.sentences.versions import version_rows
from daywatch.results import Metric, State
from daywatch.verdicts import RuleOutcome

HOSTILE = "<b>\u202e2</b>"


def served(report: Report, *versions: str) -> Report:
    """Return the report with results of versions."""
    metrics = [
        metric
        for n, version in enumerate(versions)
        for metric in (
            Metric(name="rows", slice=f"version={version}", value=100 + n),
            Metric(name="roc_auc", slice=f"version={version}", value=0.9 - n / 10),
            Metric(name="latency_p95", slice=f"version={version}", value=None if n else 420.0),
            Metric(name="drift_score", slice=f"version={version}", column="amount", value=5.0),
        )
    ]
    return report.model_copy(update={"metrics": (*report.metrics, *metrics)})


def rule(metric: str, column: str = "") -> RuleOutcome:
    return RuleOutcome(rule=metric, metric=metric, column=column, state=State.RED, reason="r", short="s")


def test_the_metrics_of_bad_rules_worst_first(blizzard: Report) -> None:
    bad = [
        rule("latency_p95"),
        rule("drift_score", "amount"),
        rule("roc_auc"),
        rule("roc_auc"),
        rule("volume_change"),
    ]

    first, second = version_rows(served(blizzard, "1", "2"), bad)

    assert (first.version, first.values) == ("1", ("Rows 100", "Latency p95 420 ms", "ROC AUC 0.900"))
    assert second.values == ("Rows 101", "Latency p95 not measured", "ROC AUC 0.800")


def test_without_bad_rules_the_trends_metric(blizzard: Report) -> None:
    first, _ = version_rows(served(blizzard, "1", "2"), [])

    assert first.values == ("Rows 100", "ROC AUC 0.900")


def test_one_version_alone_has_no_table(blizzard: Report) -> None:
    assert version_rows(blizzard, [rule("roc_auc")]) == ()


def test_the_mail_shows_them_and_escapes_their_names(blizzard: Report) -> None:
    mail = render(served(blizzard, "1", HOSTILE))

    assert "BY MODEL VERSION\n1: Rows 100, ROC AUC 0.900" in mail.text
    assert "By model version" in mail.html
    assert "&lt;b&gt;\\u202e2&lt;/b&gt;" in mail.html
    assert HOSTILE not in mail.html
    assert "\u202e" not in mail.text
