"""The stage ``judge``: the plan's verdict on the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.judge.evidence import read_evidence
from daywatch.judge.verdict import judge as judge_by_plan
from daywatch.run import StageRun, WindowRun
from daywatch.stages.workspace import StageClock, workplace

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment


def judge(run: WindowRun, deployment: Deployment) -> StageRun:
    """Judge the window by the model's plan.

    Raises:
        InfrastructureError: The storage did not answer.
    """
    clock = StageClock("judge", f"{run.model} {run.window}")
    with workplace(run, deployment) as place:
        evidence = read_evidence(run, place.artifacts)
        verdict = judge_by_plan(
            place.model.plan,
            evidence.metrics,
            evidence.counts.source,
            evidence.counts.expected_labels,
            evidence.profile_drifts,
        )
        place.artifacts.write(run.folder.verdict, verdict.model_dump_json(indent=1).encode())
    return clock.done(f"{verdict.state}, {verdict.reasons[0]}", rules=len(verdict.rules))
