"""The stored results of a window, read from its folder all at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from daywatch.ingest.export_counts import ExportCounts
from daywatch.measure.window import Measurement
from daywatch.profiles.profile import Profile
from daywatch.storage import open_storage
from daywatch.validation.outcome import Validation
from daywatch.verdicts import Verdict

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.run import WindowRun


@dataclass(frozen=True)
class StoredEvidence:
    """What the stages stored about a window.

    Attributes:
        counts: The counts of the export.
        validation: The results of the expectations.
        measurement: Metrics, findings, the confusion matrix, the worst slices.
        profile: Statistics of the window's columns.
        baseline_profile: Statistics of the baseline's columns.
        verdict: The verdict with the outcome of each rule.
    """

    counts: ExportCounts
    validation: Validation
    measurement: Measurement
    profile: Profile
    baseline_profile: Profile
    verdict: Verdict


def stored_evidence(run: WindowRun, deployment: Deployment) -> tuple[StoredEvidence | None, str]:
    """Return the results of a window, or None and the reason why they cannot be shown.

    Args:
        run: What names the window's artifacts.
        deployment: Where the artifacts are.

    Raises:
        InfrastructureError: The storage did not answer.
    """
    artifacts = open_storage(deployment.artifacts_uri, deployment)
    folder = run.folder
    keys = (
        folder.export,
        folder.validation,
        folder.measurement,
        folder.profile,
        run.baseline.profile,
        folder.verdict,
    )
    try:
        with ThreadPoolExecutor(len(keys)) as pool:
            counts, validation, measurement, profile, baseline, verdict = pool.map(artifacts.read, keys)
        return (
            StoredEvidence(
                ExportCounts.model_validate_json(counts),
                Validation.model_validate_json(validation),
                Measurement.model_validate_json(measurement),
                Profile.model_validate_json(profile),
                Profile.model_validate_json(baseline),
                Verdict.model_validate_json(verdict),
            ),
            "",
        )
    except FileNotFoundError:
        return None, "The files of this revision are no longer stored. The warehouse still has the verdict."
    except ValidationError:
        return (
            None,
            "Another version of Daywatch wrote the files of this revision: judge the day again to see them.",
        )
