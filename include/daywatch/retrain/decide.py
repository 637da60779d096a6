"""Whether a window's verdict triggers retraining."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.results import Record, State, Verdict

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.run import WindowRun


class RetrainingDecision(Record):
    """A decision with its reason, stored also when it is no.

    Attributes:
        wanted: Whether the verdict asks for retraining; Airflow then starts it.
        reason: Why, in a sentence.
        run_id: The retraining run's id: made of model and window alone, so that no retry, no second run of
            the window and no new revision of it can trigger twice.
    """

    wanted: bool
    reason: str
    run_id: str = ""


def decide(run: WindowRun, verdict: Verdict, model: MonitoredModel) -> RetrainingDecision:
    """Decide on retraining: the verdict is RED and the plan asks for it."""
    if not model.plan.actions.red.retrain:
        return RetrainingDecision(wanted=False, reason="The plan does not ask for retraining.")
    if verdict.state is not State.RED:
        return RetrainingDecision(wanted=False, reason=f"The verdict is {verdict.state}, not RED.")
    return RetrainingDecision(
        wanted=True,
        reason=f"The verdict is RED: {verdict.reasons[0]}.",
        run_id=f"retrain__{run.model}__{run.window.key}",
    )
