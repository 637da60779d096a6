"""Whether a model is retrained because of a window."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from daywatch.errors import SetupError
from daywatch.results import Record
from daywatch.retrain.conditions import asked, conditions_of, replay_time, verdict_run_id
from daywatch.retrain.evidence import Condition, Request, RetrainingEvidence, Trigger

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.run import WindowRun
    from daywatch.verdicts import Verdict


class Answer(StrEnum):
    """The decision: retrain, retrain once a person has approved it, or do not."""

    YES = "yes"
    ASK = "ask"
    NO = "no"


class RetrainingDecision(Record):
    """A decision with every reason, stored also when it is no.

    Attributes:
        trigger: What asked for a retraining.
        answer: The decision.
        reason: The reason in a sentence: the first condition that does not hold, or what asks for it.
        conditions: All conditions.
        run_id: Id of the retraining run, empty where there is none. For a verdict it is made of model and window
            alone, so that no retry, no second run of the window and no new revision of it triggers twice.
        version: The version that an earlier decision on the window led to, None where there is none.
        decided_by: The person who asked for it, empty for a verdict.
    """

    trigger: Trigger = Trigger.VERDICT
    answer: Answer
    reason: str
    conditions: tuple[Condition, ...] = ()
    run_id: str = ""
    version: str | None = None
    decided_by: str = ""

    @property
    def wanted(self) -> bool:
        """Whether a retraining run starts; with ``ask``, it waits for a person first."""
        return self.answer is not Answer.NO


NEVER_FORCED = frozenset({"allowed", "running"})
"""Conditions that hold for everybody."""


def decide(
    run: WindowRun, verdict: Verdict, model: MonitoredModel, evidence: RetrainingEvidence, request: Request
) -> RetrainingDecision:
    """Decide on retraining: yes where every condition holds.

    Args:
        run: The window's run.
        verdict: The window's verdict.
        model: The model's configuration.
        evidence: The labels, and the retrainings before.
        request: What asks for the decision.

    Raises:
        SetupError: A person asks for it, and the model has no trainer.
    """
    settings = model.retraining
    if settings is None:
        if request.trigger is Trigger.PERSON:
            msg = f"The model {model.model!r} has no trainer: add 'retraining' to its YAML."
            raise SetupError(msg)
        reason = "The plan does not ask for retraining."
        return RetrainingDecision(
            answer=Answer.NO, reason=reason, conditions=asked(run, verdict, model, evidence, request)
        )
    conditions = conditions_of(run, verdict, model, settings, evidence, request)
    answered = {"trigger": request.trigger, "conditions": conditions, "version": evidence.version}
    unmet = [one for one in conditions if not one.met]
    if any(not request.force or one.name in NEVER_FORCED for one in unmet):
        held = [one for one in unmet if not request.force or one.name in NEVER_FORCED]
        return RetrainingDecision(answer=Answer.NO, reason=held[0].reason, decided_by=request.by, **answered)
    asks = request.trigger is Trigger.VERDICT and _asks_first(verdict, model)
    return RetrainingDecision(
        answer=Answer.ASK if asks else Answer.YES,
        reason=f"Forced by {request.by}: {request.force}" if request.force else conditions[0].reason,
        run_id=request.run_id or verdict_run_id(run),
        decided_by=request.by,
        **answered,
    )


def _asks_first(verdict: Verdict, model: MonitoredModel) -> bool:
    """Return whether a person has to approve; for a retraining that is due by time, if any state of the plan asks."""
    actions = model.plan.actions
    wanted = actions.retrain_at(verdict.state)
    return wanted == "ask" if wanted else "ask" in (actions.amber.retrain, actions.red.retrain)


def first_window_of(run: WindowRun, model: MonitoredModel, at: datetime) -> datetime:
    """Return the start of the first window that a version promoted at a time can have served as a whole.

    Args:
        run: The run of the window that led to the version.
        model: The model's configuration.
        at: The time of the promotion by the clock.
    """
    return model.schedule.window_at(replay_time(run, model, at)).end
