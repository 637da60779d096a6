"""Whether a window leads to a retraining, and every reason why or why not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from daywatch.errors import SetupError
from daywatch.results import State
from daywatch.retrain.decide import Answer, RetrainingDecision, decide
from daywatch.retrain.evidence import Outcome, PastRetraining, Request, RetrainingEvidence, Trigger
from daywatch.run import WindowRun
from daywatch.verdicts import CauseKind, Verdict, VerdictCause
from models import content, model

AT = datetime(2024, 3, 4, 6, tzinfo=UTC)
START = datetime(2024, 3, 3, tzinfo=UTC)
RUN_ID = "retrain__shop__2024-03-03"
PERSON = Request(trigger=Trigger.PERSON, at=AT, by="ann", run_id="by-ann")
ENOUGH = RetrainingEvidence(rows=60, labelled=60, unused=500)
DEFAULTS = {"minimum_labels": 50, "cooldown_days": 7, "horizon_days": 30}


def run(revision: str = "r") -> WindowRun:
    return WindowRun(
        model="shop",
        start="2024-03-03T00:00:00+00:00",
        end="2024-03-04T00:00:00+00:00",
        revision=revision,
        baseline_id="b",
    )


def cause(kind: CauseKind, state: State = State.RED, parent: str = "") -> VerdictCause:
    short = f"{kind} broke"
    return VerdictCause(
        rank=1,
        kind=kind,
        name=kind,
        fingerprint=kind,
        state=state,
        sentence=short,
        short=short,
        parent=parent,
    )


def verdict(state: State = State.RED, *causes: VerdictCause) -> Verdict:
    """Return a verdict; one that is AMBER or RED for a change of the world if no causes are given."""
    causes = causes or ((cause(CauseKind.WORLD, state),) if state >= State.AMBER else ())
    return Verdict(state=state, reasons=("ROC AUC is 0.5",), short="ROC AUC 0.5", rules=(), causes=causes)


def decided(
    judged: Verdict | None = None,
    evidence: RetrainingEvidence = ENOUGH,
    request: Request | None = None,
    actions: dict[str, Any] | None = None,
    **settings: Any,
) -> RetrainingDecision:
    changes: dict[str, Any] = {"retraining": {"trainer": "trainers:majority", **DEFAULTS, **settings}}
    if actions is not None:
        action = content()["plan"]["actions"]["grey"]
        asked = {state: {**action, "retrain": value} for state, value in actions.items()}
        changes["plan__actions"] = {"amber": action, "red": action, "grey": action, **asked}
    return decide(run(), judged or verdict(), model(**changes), evidence, request or Request(at=AT))


def past(days: float, outcome: Outcome | None = Outcome.TRAINED, **changes: Any) -> PastRetraining:
    """Return a retraining of another window, and of a time, so many days away."""
    away = timedelta(days=days)
    values = {"start": START + away, "run_id": f"{days}", "outcome": outcome, "asked": False}
    return PastRetraining(**{**values, "decided_at": AT + away, **changes})


def unmet(decision: RetrainingDecision) -> list[str]:
    return [one.name for one in decision.conditions if not one.met]


def test_red_leads_to_a_run_whose_id_is_of_model_and_window_alone() -> None:
    decision = decided()

    assert (decision.answer, decision.run_id, unmet(decision)) == (Answer.YES, RUN_ID, [])
    assert decision.reason == "The verdict is RED: ROC AUC is 0.5."
    assert [one.name for one in decision.conditions] == [
        "asked",
        "first_time",
        "allowed",
        "no_data_fault",
        "mature",
        "recent",
        "enough_labels",
        "cooldown",
        "running",
    ]


@pytest.mark.parametrize(
    ("state", "actions", "answer"),
    [
        (State.GREEN, {"red": True, "amber": True}, Answer.NO),
        (State.GREY, {"red": True, "amber": True}, Answer.NO),
        (State.AMBER, {"red": True}, Answer.NO),
        (State.AMBER, {"red": False, "amber": True}, Answer.YES),
        (State.AMBER, {"amber": "ask"}, Answer.ASK),
        (State.RED, {"red": False, "amber": True}, Answer.NO),
        (State.RED, {"red": "ask"}, Answer.ASK),
    ],
)
def test_the_plan_says_at_which_state(state: State, actions: dict[str, Any], answer: Answer) -> None:
    decision = decided(verdict(state), actions=actions)

    assert decision.answer is answer
    if answer is Answer.NO:
        assert decision.reason == f"The plan does not ask for retraining at {state}."
        assert (unmet(decision), decision.run_id) == (["asked"], "")


LEARNS = "and a model trained on"


@pytest.mark.parametrize(
    ("causes", "reason"),
    [
        (
            (cause(CauseKind.DATA, State.AMBER), cause(CauseKind.WORLD, parent="data")),
            f"The data is at fault, {LEARNS} it would learn the fault: data broke.",
        ),
        (
            (cause(CauseKind.LABELS),),
            f"The labels are at fault, {LEARNS} them would learn the fault: labels broke.",
        ),
        ((cause(CauseKind.SERVICE),), "The service is at fault, and no training repairs it: service broke."),
        ((cause(CauseKind.WORLD), cause(CauseKind.SERVICE)), ""),
        ((cause(CauseKind.PREDICTION), cause(CauseKind.DATA)), ""),
        ((cause(CauseKind.DATA, State.GREY), cause(CauseKind.WORLD)), ""),
    ],
)
def test_the_first_cause_must_be_no_fault_of_data_labels_or_service(
    causes: tuple[VerdictCause, ...], reason: str
) -> None:
    decision = decided(verdict(State.RED, *causes))

    assert unmet(decision) == (["no_data_fault"] if reason else [])
    assert not reason or decision.reason == reason


@pytest.mark.parametrize("causes", [(), (cause(CauseKind.DATA, State.GREY),)])
def test_causes_that_nobody_knows_are_no_permission(causes: tuple[VerdictCause, ...]) -> None:
    """Such as those of a window that was judged before causes were stored."""
    decision = decided(verdict().model_copy(update={"causes": causes}))

    assert unmet(decision) == ["no_data_fault"]
    assert decision.reason == "The verdict is RED, and its causes are not known: judge the window again."


@pytest.mark.parametrize(
    ("evidence", "settings", "name", "part"),
    [
        (
            {"labelled": 29},
            {},
            "mature",
            "48.3 % of the window's 60 rows have a label, and 50.0 % are needed",
        ),
        ({"labelled": 0, "rows": 0}, {"label_share": 0}, "mature", "0 % of the window's 0 rows"),
        ({"unused": 49}, {}, "enough_labels", "49 labelled rows since the last training, and 50 are needed"),
        ({"past": (past(-6),)}, {}, "cooldown", "The retraining -6 is less than 7 days away"),
        ({"past": (past(6),)}, {}, "cooldown", "The retraining 6 is less than 7 days away"),
        ({"past": (past(-6, Outcome.REJECTED),)}, {}, "cooldown", "less than 7 days away"),
        ({"past": (past(-0.2, None),)}, {"cooldown_days": 0}, "running", "-0.2 has not ended yet"),
        ({"past": (past(-3, None, asked=True),)}, {"cooldown_days": 0}, "running", "-3 has not ended yet"),
        ({}, {"forbidden": "audit until May"}, "allowed", "(retraining.forbidden): audit until May."),
        ({"version": "v9"}, {}, "first_time", "The version v9 was trained for this window before."),
    ],
)
def test_what_refuses_a_retraining(
    evidence: dict[str, Any], settings: dict[str, Any], name: str, part: str
) -> None:
    decision = decided(evidence=ENOUGH.model_copy(update=evidence), **settings)

    assert (decision.answer, decision.run_id, unmet(decision)) == (Answer.NO, "", [name])
    assert part in decision.reason


@pytest.mark.parametrize(
    "evidence",
    [
        {"past": (past(-7), past(7))},
        {"past": (past(-6, Outcome.FAILED),)},
        {"past": (past(-8, None),)},
        {"past": (past(0, None, run_id=RUN_ID),)},
        {"labelled": 30},
    ],
    ids=["cooled down", "failed", "its time is over", "its own run", "just enough labels"],
)
def test_what_does_not_refuse_it(evidence: dict[str, Any]) -> None:
    assert decided(evidence=ENOUGH.model_copy(update=evidence)).answer is Answer.YES


def test_a_window_of_a_backfill_is_too_old_unless_history_is_replayed() -> None:
    later = Request(at=AT + timedelta(days=40))

    refused = decided(request=later)
    replayed = decide(
        run(),
        verdict(),
        model(schedule__last_window="2024-04-01", retraining={"trainer": "trainers:majority", **DEFAULTS}),
        ENOUGH,
        later,
    )

    assert unmet(refused) == ["recent"]
    assert refused.reason == "The window ended more than 30 days ago (retraining.horizon_days)."
    assert replayed.answer is Answer.YES


@pytest.mark.parametrize(
    ("trained", "actions", "answer"),
    [
        (-30, {"red": True}, Answer.YES),
        (-29, {"red": True}, Answer.NO),
        (None, {"red": True}, Answer.NO),
        (-30, {"amber": "ask"}, Answer.ASK),
        (-30, {}, Answer.YES),
    ],
)
def test_a_retraining_that_is_due_by_time(
    trained: int | None, actions: dict[str, Any], answer: Answer
) -> None:
    until = None if trained is None else START + timedelta(days=1 + trained)
    evidence = ENOUGH.model_copy(update={"trained_until": until})

    decision = decided(verdict(State.GREEN), evidence, actions=actions, every="30 days")

    assert decision.answer is answer
    if answer is not Answer.NO:
        assert decision.reason == "No training for 30 days (retraining.every)."


def test_a_person_needs_no_plan_but_all_other_conditions() -> None:
    asked = decided(verdict(State.GREEN), request=PERSON, actions={"red": "ask"})
    refused = decided(verdict(State.RED, cause(CauseKind.DATA)), request=PERSON)

    assert (asked.answer, asked.run_id, asked.reason) == (Answer.YES, "by-ann", "ann asks for it.")
    assert (refused.answer, unmet(refused)) == (Answer.NO, ["no_data_fault"])


def test_a_run_that_is_tried_again_does_not_wait_for_itself() -> None:
    itself = past(0, None, run_id="by-ann")
    decision = decided(evidence=ENOUGH.model_copy(update={"past": (itself,)}), request=PERSON)

    assert (decision.answer, decision.run_id) == (Answer.YES, "by-ann")


def test_force_overrides_conditions_but_no_ban_and_no_running_training() -> None:
    force = PERSON.model_copy(update={"force": "the feed is fixed"})
    faulty = verdict(State.RED, cause(CauseKind.DATA))

    forced = decided(faulty, request=force)
    forbidden = decided(faulty, request=force, forbidden="audit")
    running = decided(faulty, ENOUGH.model_copy(update={"past": (past(-0.1, None),)}), request=force)

    assert (forced.answer, forced.decided_by) == (Answer.YES, "ann")
    assert forced.reason == "Forced by ann: the feed is fixed"
    assert unmet(forced) == ["no_data_fault"]
    assert (forbidden.answer, forbidden.reason.endswith("audit.")) == (Answer.NO, True)
    assert (running.answer, running.reason) == (Answer.NO, "The retraining -0.1 has not ended yet.")


def test_a_model_without_a_trainer() -> None:
    actions = content()["plan"]["actions"]
    del actions["red"]["retrain"]
    plain = model(retraining=None, plan__actions=actions)

    decision = decide(run(), verdict(), plain, ENOUGH, Request(at=AT))

    assert (decision.answer, decision.reason) == (Answer.NO, "The plan does not ask for retraining.")
    with pytest.raises(SetupError, match="'shop' has no trainer: add 'retraining' to its YAML"):
        decide(run(), verdict(), plain, ENOUGH, PERSON)
