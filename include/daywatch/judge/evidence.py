"""The evidence on a window: the results of the earlier stages, read from its folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daywatch.ingest.export_counts import ExportCounts, read_counts
from daywatch.judge.column_values import value_metrics
from daywatch.judge.faults import data_faults
from daywatch.measure.calibration.compared import with_limit
from daywatch.measure.calibration.limits import Calibration
from daywatch.measure.drift.profile_drift import ProfileDrift, ProfileDrifts
from daywatch.measure.service.capture_health import serving_changes, volume_health
from daywatch.measure.service.past_windows import PastWindows
from daywatch.measure.window import Measurement
from daywatch.profiles.profile import Profile
from daywatch.results import Finding, Metric, Severity
from daywatch.validation.outcome import Validation

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.service.past_windows import Served
    from daywatch.run import WindowRun
    from daywatch.storage import Storage
    from daywatch.window import Window


@dataclass(frozen=True)
class Evidence:
    """What was exported, validated and measured.

    Attributes:
        counts: The counts of the export.
        validation: The results of Great Expectations.
        measurement: The metrics and findings.
        profile: Statistics of the window's columns.
        baseline_profile: Statistics of the baseline's columns.
        profile_drifts: Drift of longer windows and against other baselines.
        calibration: The baseline's calibration, of a model whose plan has the standard rules.
        past: What is known of the windows before.
        window: The window, None where nothing says which one it is.
        values: Metrics of values that the plan's rules name.
        volume: The volume compared with the windows before.
        changes: What the windows before say of volume, versions, variants and sampling.
    """

    counts: ExportCounts
    validation: Validation
    measurement: Measurement
    profile: Profile
    baseline_profile: Profile
    profile_drifts: tuple[ProfileDrift, ...] = ()
    calibration: Calibration | None = None
    past: PastWindows = field(default_factory=PastWindows)
    window: Window | None = None
    values: tuple[Metric, ...] = ()
    volume: tuple[Metric, ...] = ()
    changes: tuple[Finding, ...] = ()

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """All metrics: those of intake and validation first, then the measured ones."""
        counts, results = self.counts, self.validation.results
        failed = [result for result in results if result.success is not True]
        critical = [result for result in failed if result.severity is Severity.CRITICAL]
        share = counts.quarantined_share
        doubled = counts.duplicates / counts.counted if counts.counted else None
        empty = "" if counts.counted else "there are no records"
        return (
            Metric(name="records", value=counts.records),
            Metric(name="duplicates", value=counts.duplicates),
            Metric(name="unanswered", value=counts.unanswered),
            Metric(name="filtered", value=counts.filtered),
            Metric(name="quarantined", value=counts.quarantined),
            Metric(name="rows_quarantined", value=counts.rows_quarantined),
            self._compared(Metric(name="quarantined_share", value=share, note=empty)),
            self._compared(Metric(name="duplicates_share", value=doubled, note=empty)),
            Metric(name="expectations_failed", value=len(failed)),
            Metric(name="expectations_failed_critical", value=len(critical)),
            Metric(name="data_faults", value=len(data_faults(self.findings))),
            *self.measurement.metrics,
            *self.volume,
            *self.values,
        )

    def _compared(self, metric: Metric) -> Metric:
        if self.calibration is None:
            return metric
        return with_limit(metric, self.counts.counted, self.calibration)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings: first those that compare with the windows before."""
        return (*self.changes, *self.measurement.findings)

    @property
    def served(self) -> tuple[Served, ...]:
        """What served the window."""
        return self.measurement.served


def read_evidence(run: WindowRun, artifacts: Storage, model: MonitoredModel) -> Evidence:
    """Read a window's evidence.

    Args:
        run: The window's run, which names its folder.
        model: The model's configuration, whose plan says whether the baseline's calibration is needed, and which
            metrics of values.
        artifacts: The storage of the artifacts.

    Raises:
        FileNotFoundError: An earlier stage has not run.
        InfrastructureError: The storage did not answer.
    """
    calibration: Calibration | None = None
    if model.plan.is_standard:
        calibration = Calibration.model_validate_json(artifacts.read(run.baseline.calibration))
    past = PastWindows.model_validate_json(artifacts.read(run.folder.history))
    counts = read_counts(artifacts, run.folder.export)
    measurement = Measurement.model_validate_json(artifacts.read(run.folder.measurement))
    volume, changes = _compared_with_past(counts, measurement, past, model)
    profile = Profile.model_validate_json(artifacts.read(run.folder.profile))
    baseline = Profile.model_validate_json(artifacts.read(run.baseline.profile))
    return Evidence(
        counts=counts,
        validation=Validation.model_validate_json(artifacts.read(run.folder.validation)),
        measurement=measurement,
        profile=profile,
        baseline_profile=baseline,
        values=tuple(value_metrics(model.plan.all_rules, profile, baseline)),
        calibration=calibration,
        past=past,
        volume=volume,
        changes=changes,
        window=run.window,
        profile_drifts=ProfileDrifts.model_validate_json(artifacts.read(run.folder.profile_drift)).drifts,
    )


def _compared_with_past(
    counts: ExportCounts, measurement: Measurement, past: PastWindows, model: MonitoredModel
) -> tuple[tuple[Metric, ...], tuple[Finding, ...]]:
    """Compare volume and serving with the windows before; a measurement of an older version includes that."""
    if measurement.baseline_volumes is None:
        return (), ()
    fall = model.capture_health.volume_fall
    volume, fallen = volume_health(counts.counted, past, fall, measurement.baseline_volumes)
    return (volume,), (*fallen, *serving_changes(measurement.served, past))
