"""The stages of a RED day one by one, with the training that it triggers, as Airflow's tasks run them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from daywatch.config.deployment.connections import connections_from_environment
from daywatch.config.deployment.deployment import Deployment, deployment_from
from daywatch.retrain.decide import RetrainingDecision
from daywatch.retrain.evidence import Request
from daywatch.run import StageRun, WindowRun
from daywatch.stages.build_baseline import build_baseline
from daywatch.stages.decide_retraining import decide_retraining
from daywatch.stages.export import export
from daywatch.stages.judge import judge
from daywatch.stages.measure import measure
from daywatch.stages.notify import notify
from daywatch.stages.record import record
from daywatch.stages.report import report
from daywatch.stages.retrain import register, train
from daywatch.stages.validate import validate
from daywatch.window import Window
from models import NAME
from places import DAY

AT = datetime(2024, 3, 4, 6, tzinfo=UTC)
WINDOW = Window.of_day(DAY)
STAGES = (
    "export",
    "validate",
    "measure",
    "judge",
    "record",
    "decide_retraining",
    "report",
    "retrain",
    "notify",
)
WITHOUT_MEASURING = tuple(stage for stage in STAGES if stage not in ("validate", "measure"))
"""All but the two stages that take most of the time."""


@dataclass
class Progress:
    """What stages hand to the next ones.

    Attributes:
        run: What names the window's artifacts.
        stage_runs: Seconds and counts by stage.
        decision: Whether the model is to be trained.
        keys: The keys of the artifacts that each stage wrote, where somebody looked.
    """

    run: WindowRun | None = None
    stage_runs: dict[str, StageRun] = field(default_factory=dict)
    decision: RetrainingDecision | None = None
    keys: dict[str, set[str]] = field(default_factory=dict)


def run_stage(stage: str, progress: Progress, deployment: Deployment) -> None:
    """Run one stage of the day."""
    if stage == "export":
        progress.run, progress.stage_runs[stage] = export(NAME, WINDOW, deployment)
        return
    run, done = progress.run, progress.stage_runs
    assert run is not None
    if stage == "record":
        done[stage] = record(
            run, [done[one] for one in ("export", "validate", "measure", "judge")], deployment
        )
    elif stage == "decide_retraining":
        progress.decision = decide_retraining(run, deployment, Request(at=AT))
    elif stage == "retrain":
        assert progress.decision is not None
        if progress.decision.wanted:
            trained = train(NAME, WINDOW, deployment)
            register(trained, WINDOW, deployment, AT, progress.decision.run_id)
    elif stage == "notify":
        notify(run, [done["record"], done["report"]], deployment, AT)
    else:
        function = {"validate": validate, "measure": measure, "judge": judge, "report": report}[stage]
        done[stage] = function(run, deployment)


def run_stages(environment: dict[str, str], stages: Sequence[str], progress: Progress) -> None:
    """Run stages in a process of its own."""
    deployment = deployment_from(environment, connections_from_environment(environment))
    for stage in stages:
        run_stage(stage, progress, deployment)


def build_baselines(environment: dict[str, str]) -> None:
    """Build the baseline three times, in a process of its own."""
    for _ in range(3):
        build_baseline(NAME, deployment_from(environment, connections_from_environment(environment)))
