"""Everything that is stored about a window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.ingest.export_counts import ExportCounts
    from daywatch.measure.drift.profile_drift import ProfileDrift
    from daywatch.measure.service.past_windows import Served
    from daywatch.profiles.profile import Profile
    from daywatch.results import ConfusionCell, ExpectationResult, Finding, Metric
    from daywatch.verdicts import Verdict
    from daywatch.window import Window


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What is stored about a window that depends on its plan and on the windows before it.

    Attributes:
        metrics: Metrics of the window, including the shares of the export.
        findings: What a person should know about the window.
        verdict: Verdict on the window.
        profile_drifts: Drift of longer windows and against other baselines.
        history: Fingerprint of what the window was compared with of the windows before it.
        judged_by: Fingerprint of the plan and of the code that judged it.
    """

    metrics: tuple[Metric, ...]
    findings: tuple[Finding, ...]
    verdict: Verdict
    profile_drifts: tuple[ProfileDrift, ...] = ()
    history: str = ""
    judged_by: str = ""


@dataclass(frozen=True, kw_only=True)
class WindowResults(Judgement):
    """Everything that is stored about a window.

    Attributes:
        model: Configuration of the model.
        window: The window.
        revision: Fingerprint of all that the verdict depends on.
        baseline_id: The baseline that the window was compared with.
        artifacts: Address of the window's folder.
        counts: Numbers of objects, records, rows and labels that were read.
        served: Versions, variants and sampling percentages that served the window.
        expectations: Results of the expectations.
        profile: Statistics of the window's columns.
        slice_profiles: The same of each slice with enough rows, by name.
        confusion: Confusion matrix of a classifier's labelled rows.
        evidence_listing: Fingerprint of the listing of the evidence.
        known_until: Last day of collection whose labels were read.
    """

    model: MonitoredModel
    window: Window
    revision: str
    baseline_id: str
    artifacts: str
    counts: ExportCounts
    served: tuple[Served, ...]
    expectations: tuple[ExpectationResult, ...]
    profile: Profile
    confusion: tuple[ConfusionCell, ...] = ()
    evidence_listing: str = ""
    known_until: date | None = None
    slice_profiles: Mapping[str, Profile] = field(default_factory=dict)
