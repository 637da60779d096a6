"""Whether a window's verdict triggers retraining."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.model.plan import FAULTS_METRIC
from daywatch.results import Record, State
from daywatch.verdicts import Topic, Verdict

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.run import WindowRun


class RetrainingDecision(Record):
    """A decision with its reason, stored also when it is no.

    Attributes:
        wanted: Whether the verdict asks for retraining; Airflow then starts it.
        reason: The reason as a sentence.
        run_id: Id of the retraining run. It is made of model and window alone, so that no retry, no second run
            of the window and no new revision of it triggers twice.
        version: The version that an earlier revision of the window led to, None where there is none.
    """

    wanted: bool
    reason: str
    run_id: str = ""
    version: str | None = None


def decide(
    run: WindowRun, verdict: Verdict, model: MonitoredModel, trained: str | None
) -> RetrainingDecision:
    """Decide on retraining: yes where the verdict is RED, the plan asks for it and it was not done before.

    Args:
        run: The window's run.
        verdict: The window's verdict.
        model: The model's configuration; its plan says whether RED triggers retraining.
        trained: The version that was trained because of this window before, None where there is none.
    """
    if not model.plan.actions.red.retrain:
        return RetrainingDecision(wanted=False, reason="The plan does not ask for retraining.")
    if verdict.state is not State.RED:
        return RetrainingDecision(wanted=False, reason=f"The verdict is {verdict.state}, not RED.")
    if trained is not None:
        return RetrainingDecision(
            wanted=False, reason=f"The version {trained} was trained for this window before.", version=trained
        )
    reds = [rule for rule in verdict.rules if rule.state is State.RED]
    if reds and all(rule.metric == FAULTS_METRIC or rule.topic is Topic.DATA for rule in reds):
        return RetrainingDecision(
            wanted=False, reason="The data is at fault, and a model trained on it would learn the fault."
        )
    return RetrainingDecision(
        wanted=True,
        reason=f"The verdict is RED: {verdict.reasons[0]}.",
        run_id=f"retrain__{run.model}__{run.window.key}",
    )
