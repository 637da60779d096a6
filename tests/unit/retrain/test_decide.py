"""Whether a verdict triggers retraining."""

from __future__ import annotations

import pytest
from daywatch.results import State
from daywatch.retrain.decide import decide
from daywatch.run import WindowRun
from daywatch.verdicts import RuleOutcome, Verdict
from models import content, model


def run(revision: str) -> WindowRun:
    return WindowRun(model="shop", first="2024-03-03", last="2024-03-03", revision=revision, baseline_id="b")


def verdict(state: State) -> Verdict:
    return Verdict(state=state, reasons=("ROC AUC is 0.5",), short="ROC AUC 0.5", rules=())


@pytest.mark.parametrize("state", [State.GREEN, State.AMBER, State.GREY])
def test_only_red(state: State) -> None:
    decision = decide(run("r"), verdict(state), model(), None)

    assert (decision.wanted, decision.reason, decision.run_id) == (
        False,
        f"The verdict is {state}, not RED.",
        "",
    )


def test_red_with_a_run_id_of_model_and_window_alone() -> None:
    decisions = [decide(run(revision), verdict(State.RED), model(), None) for revision in ("r1", "r2")]

    assert decisions[0].wanted
    assert decisions[0].reason == "The verdict is RED: ROC AUC is 0.5."
    assert {decision.run_id for decision in decisions} == {"retrain__shop__2024-03-03"}


def test_a_plan_that_does_not_ask_for_it() -> None:
    actions = content()["plan"]["actions"]
    del actions["red"]["retrain"]

    decision = decide(run("r"), verdict(State.RED), model(plan__actions=actions), None)

    assert (decision.wanted, decision.reason) == (False, "The plan does not ask for retraining.")


def test_a_window_that_led_to_a_version_before() -> None:
    """A new revision of it is not trained again, also by an Airflow that does not know of the first training."""
    decision = decide(run("r2"), verdict(State.RED), model(), "retrained-2024-03-03")

    assert (decision.wanted, decision.run_id) == (False, "")
    assert decision.reason == "The version retrained-2024-03-03 was trained for this window before."
    assert decision.version == "retrained-2024-03-03"


@pytest.mark.parametrize(
    ("metrics", "wanted"), [(("data_faults",), False), (("data_faults", "roc_auc"), True)]
)
def test_faults_of_the_data_alone_train_nothing(metrics: tuple[str, ...], wanted: bool) -> None:
    rules = tuple(
        RuleOutcome(rule=one, metric=one, state=State.RED, reason=one, short=one) for one in metrics
    )
    red = verdict(State.RED).model_copy(update={"rules": rules})

    decision = decide(run("r"), red, model(), None)

    assert decision.wanted is wanted
    assert wanted or decision.reason.startswith("The data is at fault")
