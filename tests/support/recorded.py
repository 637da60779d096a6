"""Results of a window, written by hand: a value of every kind, to be recorded without running anything."""

from __future__ import annotations

from datetime import date
from typing import Any

import models
from daywatch.config.model.columns import ColumnType
from daywatch.ingest.export_counts import ExportCounts
from daywatch.measure.drift.profile_drift import ProfileDrift
from daywatch.measure.service.past_windows import Served, Setting
from daywatch.profiles.profile import ColumnProfile, Frequency, Profile
from daywatch.results import (
    Against,
    ConfusionCell,
    ExpectationResult,
    Finding,
    FindingCode,
    Metric,
    Severity,
    State,
)
from daywatch.verdicts import CauseKind, RuleOutcome, Verdict, VerdictCause
from daywatch.warehouse.window_results import WindowResults
from daywatch.window import Window


def make_results(revision: str = "r1", day: str = "2024-03-03", **changes: Any) -> WindowResults:
    """Return results of a day; ``changes`` replace fields of ``WindowResults``."""
    counts = ExportCounts(
        source="s3://data/shop",
        label_source="s3://data/truth",
        objects=3,
        bytes=4096,
        records=15,
        exported=10,
        quarantined=1,
        duplicates=1,
        unanswered=3,
        rows=11,
        rows_read=13,
        rows_quarantined=2,
        labelled=5,
        labels=6,
        labels_quarantined=1,
        labels_unmatched=2,
        labels_unmatched_sample=("<script>", "x" * 90),
        labels_changed=1,
        labelled_by_day=(2, 5),
        reasons={"no_label": 1, "not_json": 1},
    )
    metrics = (
        Metric(name="rows", value=11, baseline=1200),
        Metric(
            name="roc_auc",
            value=0.1 + 0.2,
            low=0.25,
            high=0.36,
            rows=5,
            baseline=0.9,
            baseline_low=0.85,
            baseline_high=0.94,
            baseline_rows=600,
            difference_low=-0.66,
            difference_high=-0.52,
            method="95 % interval: DeLong",
        ),
        Metric(name="recall", class_name="1", value=0.5, low=0.2, high=0.8, rows=5, baseline=0.7),
        Metric(name="recall", class_name="ÖŠ'\"\\ \u2028", note="no row is labelled so"),
        Metric(name="drift_score", column="amount", value=1e-300, threshold=0.05, method="ks", alert=True),
        Metric(name="drift_score", column="country", note="the window has no value in any of its 11 rows"),
        Metric(
            name="log_loss", value=float("nan"), baseline=float("inf"), note="all labels are of one class"
        ),
    )
    expectations = (
        ExpectationResult(
            expectation="expect_column_values_to_not_be_null",
            column="amount",
            kwargs='{"column":"amount"}',
            severity=Severity.WARNING,
            success=False,
            observed="2 nulls",
            element_count=11,
            unexpected_count=2,
            unexpected_percent=18.18,
        ),
        ExpectationResult(
            expectation="expect_table_row_count_to_be_between",
            kwargs="{}",
            severity=Severity.CRITICAL,
            success=True,
        ),
        ExpectationResult(
            expectation="expect_nothing",
            kwargs="{}",
            severity=Severity.INFO,
            success=None,
            note="it could not be evaluated",
        ),
    )
    amount = ColumnProfile(
        name="amount",
        type=ColumnType.NUMBER,
        count=9,
        nulls=1,
        non_finite=1,
        distinct=9,
        mean=5.5,
        std=2.5,
        min=1,
        max=9,
        quantiles=(1, 9),
        edges=(0, 5, 10),
        histogram=(4, 5),
    )
    country = ColumnProfile(
        name="country",
        type=ColumnType.CATEGORY,
        count=11,
        distinct=2,
        frequent=(Frequency(value="DE", count=8), Frequency(value="ÖŠ'\"\\ \u2028", count=3)),
    )
    rule = RuleOutcome(
        rule="roc_auc: green >= 0.8",
        metric="roc_auc",
        value=0.30000000000000004,
        baseline=0.9,
        state=State.AMBER,
        reason="ROC AUC is 0.300 (baseline 0.9): green only >= 0.8",
        short="ROC AUC 0.300",
    )
    missing = VerdictCause(
        rank=1,
        kind=CauseKind.DATA,
        name="missing_values",
        column="amount",
        slice="country=DE",
        fingerprint="f1",
        state=State.AMBER,
        sentence="amount is missing in 9.1 % of 11 rows",
        short="amount missing in 9.1 %",
        metric="null_share",
        value=0.09,
        baseline=0.0,
        explained=0.75,
    )
    fall = VerdictCause(
        rank=2,
        kind=CauseKind.WORLD,
        name="performance_fall",
        class_name="1",
        fingerprint="f2",
        state=State.AMBER,
        sentence=rule.reason,
        short=rule.short,
        parent="f1",
    )
    given: dict[str, Any] = {
        "model": models.model(),
        "window": Window.of_day(day),
        "revision": revision,
        "baseline_id": "b1",
        "artifacts": "s3://artifacts/shop",
        "counts": counts,
        "evidence_listing": "l1",
        "known_until": date(2024, 3, 5),
        "metrics": metrics,
        "findings": (
            Finding(code=FindingCode.NEW_CATEGORY, column="country", detail="'XX' is new", count=2),
        ),
        "served": (
            Served(setting=Setting.MODEL_VERSION, value="v1", records=8, rows=9),
            Served(setting=Setting.MODEL_VERSION, value="v2", records=2, rows=2),
            Served(setting=Setting.SAMPLING_PERCENT, value="10", records=10, rows=11),
        ),
        "expectations": expectations,
        "profile": Profile(rows=11, days={day: 11}, columns=(amount, country)),
        "confusion": (
            ConfusionCell(label="0", prediction="0", rows=3, baseline_rows=500),
            ConfusionCell(label="1", prediction="ÖŠ'\"\\ \u2028", rows=2, baseline_rows=0),
        ),
        "profile_drifts": (
            ProfileDrift(
                column="amount",
                over=7,
                against=Against.MOVING,
                value=0.25,
                error=0.01,
                threshold=0.1,
                method="wasserstein",
                alert=True,
                psi=0.3,
                jensenshannon=0.2,
                wasserstein=0.25,
                ks=1e-300,
                rows=77,
                baseline_rows=308,
                filled=70,
                null_share=0.09,
                baseline_null_share=0,
                mean=5.5,
                baseline_mean=5,
                distinct=9,
                baseline_distinct=11,
                baseline_first="2024-01-29",
                baseline_last="2024-02-25",
            ),
            ProfileDrift(
                column="country",
                over=7,
                against=Against.FROZEN,
                method="psi",
                threshold=0.1,
                note="the span: 1 of 7 days were not measured: 2024-02-28",
            ),
        ),
        "verdict": Verdict(
            state=State.AMBER,
            reasons=(rule.reason,),
            short=rule.short,
            rules=(rule,),
            causes=(missing, fall),
        ),
    }
    return WindowResults(**{**given, **changes})
