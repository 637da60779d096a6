"""The files of a judged window of the small model, as the stages write them, and those of its baseline."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from daywatch.artifacts import BaselineFolder
from daywatch.config.deployment.deployment import Deployment
from daywatch.ingest.export_counts import ExportCounts
from daywatch.ingest.quarantine_groups import QuarantineGroup
from daywatch.measure.window import Measurement
from daywatch.profiles.profile import profile_rows
from daywatch.results import (
    BadSlice,
    ConfusionCell,
    ExpectationResult,
    Finding,
    FindingCode,
    Metric,
    Record,
    Severity,
    State,
)
from daywatch.validation.outcome import Validation
from daywatch.verdicts import CauseKind, RuleOutcome, Topic, Verdict, VerdictCause
from judgements import Judged
from models import model
from stored_inferences import write_rows


def write_evidence(deployment: Deployment, judged: Judged, captured: str, rows: int = 50) -> None:
    """Store a window with one fault of the data, what follows from it, and ``captured`` wherever values are shown."""
    root = Path(deployment.artifacts_uri)
    baseline = root / BaselineFolder(judged.model, "baseline").inferences
    baseline.parent.mkdir(parents=True, exist_ok=True)
    write_rows(deployment, judged, rows, "DE3")
    shutil.copyfile(root / judged.folder.inferences, baseline)
    write_rows(deployment, judged, rows, captured)
    before = profile_rows(baseline, model())
    profile = profile_rows(root / judged.folder.inferences, model(), before)
    files: dict[str, Record] = {
        judged.folder.export: _counts(rows, captured),
        judged.folder.validation: _validation(captured),
        judged.folder.measurement: _measurement(captured),
        judged.folder.verdict: _verdict(captured),
        judged.folder.profile: profile,
        BaselineFolder(judged.model, "baseline").profile: before,
    }
    for key, content in files.items():
        (root / key).write_text(content.model_dump_json())


def _counts(rows: int, captured: str) -> ExportCounts:
    group = QuarantineGroup(
        kind="capture", reason="bad_json", records=2, source="s3://data/a.jsonl", record=7, detail=captured
    )
    return ExportCounts(
        source="s3://data/shop",
        label_source="s3://data/truth",
        objects=24,
        bytes=1000,
        records=rows + 6,
        exported=rows,
        quarantined=2,
        duplicates=3,
        unanswered=1,
        rows=rows,
        rows_read=rows,
        rows_quarantined=0,
        labelled=rows - 1,
        labels=rows - 1,
        labels_quarantined=0,
        reasons={"bad_json": 2},
        quarantine=(group,),
    )


def _validation(captured: str) -> Validation:
    def result(
        name: str, *, success: bool | None, observed: str = "", unexpected: int = 0
    ) -> ExpectationResult:
        return ExpectationResult(
            expectation=name,
            column="country",
            kwargs=json.dumps({"column": "country", "value_set": ["DE"]}),
            severity=Severity.CRITICAL,
            success=success,
            observed=observed,
            element_count=50,
            unexpected_count=unexpected,
            unexpected_percent=2.0 * unexpected,
        )

    return Validation(
        results=(
            result("expect_column_values_to_not_be_null", success=True),
            result(
                "expect_column_values_to_be_in_set",
                success=False,
                observed=f"1 of 50 unexpected, such as {captured}",
                unexpected=1,
            ),
        )
    )


def _measurement(captured: str) -> Measurement:
    return Measurement(
        metrics=(
            *(
                Metric(name="drift_score", column=name, value=value, threshold=0.1, method="psi", alert=alert)
                for name, value, alert in (
                    ("items", 0.05, False),
                    ("country", 0.4, True),
                    ("amount", 0.3, True),
                )
            ),
            *(
                Metric(name="prediction_correlation", column=name, baseline=value)
                for name, value in (("items", 0.2), ("country", 0.1), ("amount", 0.9), ("member", 0.3))
            ),
            Metric(name="roc_auc", value=0.6, low=0.5, high=0.7, rows=49, baseline=0.9),
            Metric(name="roc_auc", value=0.5, slice=f"country={captured}", rows=20, baseline=0.9),
            Metric(name="roc_auc", value=0.7, slice="country=FR", rows=25, baseline=0.8),
            Metric(name="latency_p95", value=4700.0, baseline=900.0),
        ),
        findings=(
            Finding(code=FindingCode.NEW_CATEGORY, column="country", detail=f"new in country: {captured}"),
        ),
        confusion=tuple(
            ConfusionCell(label=label, prediction=answer, rows=rows, baseline_rows=2 * rows)
            for label, answer, rows in (("0", "0", 4), ("0", "1", 6), ("1", "0", 7), ("1", "1", 32))
        ),
        bad_slices=(
            BadSlice(
                slice=f"country={captured}",
                rows=20,
                rows_share=0.4,
                error_share=0.9,
                baseline_error_share=0.3,
                metric="roc_auc",
                value=0.5,
                baseline=0.9,
            ),
        ),
    )


def _verdict(captured: str) -> Verdict:
    def cause(
        rank: int, kind: CauseKind, name: str, state: State, sentence: str, parent: str = ""
    ) -> VerdictCause:
        return VerdictCause(
            rank=rank,
            kind=kind,
            name=name,
            fingerprint=name,
            state=state,
            sentence=sentence,
            short=sentence,
            parent=parent,
            explained=0.75 if rank == 1 else None,
        )

    met = RuleOutcome(
        rule="standard: quarantined_share",
        metric="quarantined_share",
        state=State.GREEN,
        reason="2 records quarantined",
        short="2 records quarantined",
        topic=Topic.DATA,
    )
    causes = (
        cause(1, CauseKind.DATA, "new_categories", State.AMBER, f"country has the new {captured}"),
        cause(2, CauseKind.WORLD, "fall", State.RED, "ROC AUC fell to 0.600", "new_categories"),
        cause(3, CauseKind.SERVICE, "latency", State.GREY, "no latency was captured"),
    )
    reasons = tuple(one.sentence for one in causes)
    return Verdict(state=State.RED, reasons=reasons, short=reasons[0], rules=(met,), causes=causes)
