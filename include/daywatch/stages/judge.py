"""The stage ``judge``: the plan's verdict on the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.judge.evidence import read_evidence
from daywatch.judge.verdict import judge as judge_by_plan
from daywatch.run import StageRun, WindowRun
from daywatch.stages.workspace import StageClock, open_workspace

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.plan import Plan
    from daywatch.judge.evidence import Evidence
    from daywatch.profiles.profile import Profile
    from daywatch.verdicts import Verdict

NO_PREDICTIONS = (
    "the baseline has no predictions; name the value under plan.baseline_values, or, of a data set, the column under "
    "baseline.prediction, or days under baseline.performance_from"
)
"""Why rules relative to such a baseline are GREY."""


def judge(run: WindowRun, deployment: Deployment) -> StageRun:
    """Judge the window by the model's plan.

    Args:
        run: The window's run.
        deployment: Addresses and connections of storage and warehouse.

    Raises:
        InfrastructureError: The storage did not answer.
    """
    clock = StageClock("judge", f"{run.model} {run.window}")
    with open_workspace(run, deployment) as workspace:
        evidence = read_evidence(run, workspace.artifacts, workspace.model)
        verdict = verdict_of(workspace.model.plan, evidence)
        workspace.write(verdict, run.folder.verdict)
    return clock.done(f"{verdict.state}, {verdict.reasons[0]}", rules=len(verdict.rules))


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
