"""The mail with the comparison of a new version."""

from __future__ import annotations

import pytest
from daywatch.report.notice import MonitoredName, NoticeKind, retrained_notice
from daywatch.report.render import render_notice
from daywatch.retrain.compare import Compared, Comparison, comparison_table

NAME = MonitoredName(model="shop", namespace="/test", owner="team", tier=2, description="Baskets.")
COMPARISON = Comparison(
    metric="roc_auc",
    margin=0.01,
    results=(
        Compared(
            metric="roc_auc",
            rows=2598,
            champion=0.628,
            challenger=0.934,
            improvement=0.306,
            low=0.281,
            high=0.331,
        ),
        Compared(metric="pr_auc", rows=2598),
        Compared(
            metric="roc_auc", slice="<b>x</b>\n", rows=90, champion=0.9, challenger=0.88, improvement=-0.02
        ),
    ),
    promoted=True,
    reason="ROC AUC 0.934, 0.628 before.",
)


@pytest.mark.parametrize("promoted", [True, False])
def test_the_mail_of_a_new_version(promoted: bool) -> None:
    table = comparison_table(COMPARISON)
    notice = retrained_notice(NAME, "v2", "2013-02-25", COMPARISON.reason, table, (), promoted=promoted)

    mail = render_notice(notice)

    assert mail.state is (NoticeKind.PROMOTED if promoted else NoticeKind.KEPT)
    better = "is better" if promoted else "is not better"
    assert mail.subject == f"[{mail.state}] shop 2013-02-25: v2 {better}"
    assert ("Daywatch deploys nothing" in " ".join(mail.text.split())) is promoted
    assert "ROC AUC 0.934, 0.628 before." in mail.text
    lines = [line.split("  ") for line in mail.text.splitlines() if line.startswith(("metric", "ROC AUC  "))]
    assert [[cell.strip() for cell in line if cell] for line in lines] == [
        ["metric", "rows", "in production", "new", "improvement (95 %)"],
        ["ROC AUC", "2,598", "0.628", "0.934", "0.306 (0.281 to 0.331)"],
    ]
    assert "<b>x</b>" not in mail.html
    assert "&lt;b&gt;x&lt;/b&gt;" in mail.html
