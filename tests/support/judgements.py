"""Judged windows, for tests of what reads them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from daywatch.artifacts import WindowFolder
from daywatch.config.deployment.deployment import Deployment
from daywatch.config.loading.load import load_model
from daywatch.ingest.export_counts import ExportCounts
from daywatch.profiles.profile import Profile
from daywatch.results import Metric, State
from daywatch.storage import open_storage
from daywatch.verdicts import RuleOutcome, Verdict
from daywatch.warehouse.database import transaction
from daywatch.warehouse.record import record_window
from daywatch.warehouse.window_results import WindowResults
from daywatch.window import Window

FLIGHTS = Path(__file__).parents[2] / "include" / "models" / "flights.yaml"


@dataclass(frozen=True)
class Judged:
    """A judged window, as a test describes it."""

    day: str
    state: State
    model: str = "flights"
    tier: int = 1
    auc: float | None = 0.9
    rows: int = 1234
    short: str = "ROC AUC 0.900"
    edition: str = ""

    @property
    def revision(self) -> str:
        return hashlib.sha256(f"{self.model}{self.day}{self.edition}".encode()).hexdigest()[:16]

    @property
    def folder(self) -> WindowFolder:
        return WindowFolder(self.model, self.day, self.revision)


def store(deployment: Deployment, *windows: Judged) -> None:
    """Store the windows and their two documents, the way the stages do."""
    artifacts = open_storage(deployment.artifacts_uri, deployment)
    with transaction(deployment.warehouse_url) as connection:
        for one in windows:
            record_window(connection, _results(one))
            for name, key in (("report", one.folder.report_html), ("evidently", one.folder.evidently_html)):
                text = f"<title>{name} {one.day}</title><script>document.title = 'it runs'</script>"
                artifacts.write(key, text.encode())


def _results(one: Judged) -> WindowResults:
    model = load_model(FLIGHTS).model_copy(update={"model": one.model, "tier": one.tier})
    counts = ExportCounts(
        source="s3://data/flights-delay/",
        label_source="",
        objects=24,
        bytes=1000,
        records=one.rows,
        exported=one.rows,
        quarantined=0,
        duplicates=0,
        rows=one.rows,
        rows_read=one.rows,
        rows_quarantined=0,
        labelled=one.rows - 1,
        labels=one.rows - 1,
        labels_quarantined=0,
        reasons={},
    )
    rules = tuple(
        RuleOutcome(
            rule=f"{name} as planned", metric=name, state=one.state, reason=one.short, short=one.short
        )
        for name in ("quarantined_share", "roc_auc")
    )
    return WindowResults(
        model=model,
        window=Window.of_day(one.day),
        revision=one.revision,
        baseline_id="baseline",
        artifacts=one.folder.prefix,
        counts=counts,
        metrics=(Metric(name="roc_auc", value=one.auc),),
        findings=(),
        served=(),
        expectations=(),
        profile=Profile(rows=one.rows, days={one.day: one.rows}, columns=()),
        verdict=Verdict(state=one.state, reasons=(one.short,), short=one.short, rules=rules),
    )
