"""Everything that is stored about a window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.ingest.accounting import ExportCounts
    from daywatch.measure.drift.profile_drift import ProfileDrift
    from daywatch.measure.service.past_windows import Served
    from daywatch.profiles.profile import Profile
    from daywatch.results import ConfusionCell, ExpectationResult, Finding, Metric, Verdict
    from daywatch.window import Window


@dataclass(frozen=True)
class WindowResults:
    """Everything that is stored about a window.

    Attributes:
        model: Whose window.
        window: Which.
        revision: Fingerprint of all that the verdict depends on.
        baseline_id: What it was held against.
        artifacts: Address of the window's folder.
        counts: What was read.
        metrics: What was measured, the export's shares included.
        findings: What is remarkable.
        served: What served the window.
        expectations: What Great Expectations said.
        profile: Statistics of the window's columns.
        slice_profiles: Likewise of each slice with rows enough, by name.
        verdict: The judgement.
        confusion: Of a classifier, the confusion matrix of its labelled rows.
        listing: What a listing of the evidence showed.
        known_until: The last day of collection that labels were read of.
        profile_drifts: Drift of longer windows and against other baselines.
    """

    model: MonitoredModel
    window: Window
    revision: str
    baseline_id: str
    artifacts: str
    counts: ExportCounts
    metrics: tuple[Metric, ...]
    findings: tuple[Finding, ...]
    served: tuple[Served, ...]
    expectations: tuple[ExpectationResult, ...]
    profile: Profile
    verdict: Verdict
    confusion: tuple[ConfusionCell, ...] = ()
    listing: str = ""
    known_until: date | None = None
    profile_drifts: tuple[ProfileDrift, ...] = ()
    slice_profiles: Mapping[str, Profile] = field(default_factory=dict)
