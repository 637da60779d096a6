"""The stage ``judge``: the plan's verdict on the window, which its baseline and the windows before give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.ingest.export_counts import read_counts
from daywatch.judge.evidence import read_evidence
from daywatch.judge.verdict import judge as judge_by_plan
from daywatch.measure.drift.daily_profiles import DailyProfiles
from daywatch.measure.drift.profile_drift import ProfileDrifts, profile_drifts
from daywatch.profiles.profile import Profile
from daywatch.run import StageRun, WindowRun
from daywatch.stages.history import history_of
from daywatch.stages.workspace import StageClock, open_workspace
from daywatch.warehouse.database import transaction
from daywatch.warehouse.profiles import profiles_of

if TYPE_CHECKING:
    import sqlalchemy as sa

    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.model import MonitoredModel
    from daywatch.config.model.plan import Plan
    from daywatch.judge.evidence import Evidence
    from daywatch.measure.service.past_windows import PastWindows
    from daywatch.results import Record
    from daywatch.storage import Storage
    from daywatch.verdicts import Verdict

NO_PREDICTIONS = (
    "the baseline has no predictions; name the value under plan.baseline_values, or, of a data set, the column under "
    "baseline.prediction, or days under baseline.performance_from"
)
"""Why rules relative to such a baseline are GREY."""


def judge(run: WindowRun, deployment: Deployment) -> StageRun:
    """Judge the window by the model's plan, and by what the warehouse knows of the windows before.

    Args:
        run: The window's run.
        deployment: Addresses and connections of storage and warehouse.

    Raises:
        InfrastructureError: The storage or the warehouse did not answer.
    """
    clock = StageClock("judge", f"{run.model} {run.window}")
    with (
        open_workspace(run, deployment) as workspace,
        transaction(deployment.warehouse_url) as connection,
    ):
        counts = read_counts(workspace.artifacts, run.folder.export)
        past = history_of(connection, workspace.model, run.window, counts.labelled, counts.rows)
        _, verdict = judge_by_history(connection, run, workspace.model, past, workspace.artifacts)
    return clock.done(f"{verdict.state}, {verdict.reasons[0]}", rules=len(verdict.rules))


def judge_by_history(
    connection: sa.Connection,
    run: WindowRun,
    model: MonitoredModel,
    past: PastWindows,
    artifacts: Storage,
) -> tuple[Evidence, Verdict]:
    """Judge a window by a history, and store the history, what is compared with it, and the verdict.

    Args:
        connection: Connection to the warehouse, which has the profiles of the days before.
        run: The window's run.
        model: The model's configuration.
        past: The windows before.
        artifacts: The storage of the artifacts.

    Returns:
        The evidence, and the verdict on it.
    """

    def write(result: Record, key: str) -> None:
        artifacts.write(key, result.model_dump_json(indent=1).encode())

    write(past, run.folder.history)
    write(_profile_drifts(connection, run, model, past, artifacts), run.folder.profile_drift)
    evidence = read_evidence(run, artifacts, model)
    verdict = verdict_of(model.plan, evidence)
    write(verdict, run.folder.verdict)
    return evidence, verdict


def _profile_drifts(
    connection: sa.Connection, run: WindowRun, model: MonitoredModel, past: PastWindows, artifacts: Storage
) -> ProfileDrifts:
    """Compare longer windows and other baselines as the model's YAML says, from stored profiles alone."""
    settings = model.drift.profiles
    if not settings.over:
        return ProfileDrifts()
    profile, baseline = (
        Profile.model_validate_json(artifacts.read(folder.profile)) for folder in (run.folder, run.baseline)
    )
    stored = profiles_of(connection, run.model, past.profiles)
    days = DailyProfiles(window=run.window, profile=profile, past=stored, baseline=baseline)
    return ProfileDrifts(drifts=profile_drifts(days, model, settings))


def verdict_of(plan: Plan, evidence: Evidence) -> Verdict:
    """Return the verdict on the evidence of a window by a plan.

    Args:
        plan: The plan.
        evidence: What was exported, validated and measured.
    """
    return judge_by_plan(
        plan,
        evidence.metrics,
        evidence.counts,
        evidence.profile_drifts,
        evidence.findings,
        evidence.past,
        evidence.window,
        "" if _has_predictions(evidence.baseline_profile) else NO_PREDICTIONS,
        evidence.measurement.diagnoses,
    )


def _has_predictions(baseline: Profile) -> bool:
    prediction = baseline.column("prediction")
    return prediction is None or prediction.rows > prediction.nulls
