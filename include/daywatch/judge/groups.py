"""Rules that are judged together: all of them, or any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.judge.persistence import persisted
from daywatch.judge.rule_outcomes import rule_outcome
from daywatch.results import State

if TYPE_CHECKING:
    from daywatch.config.model.rule_group import RuleGroup
    from daywatch.judge.rule_outcomes import RuleView
    from daywatch.verdicts import RuleOutcome


def group_outcome(group: RuleGroup, view: RuleView) -> RuleOutcome:
    """Judge several rules together.

    Of all, the best state counts, so that one GREEN rule is enough for GREEN, and missing evidence of one is GREY
    where no other is GREEN. Of any, the worst counts. The outcome is about the first rule that has this state.

    Args:
        group: The rules.
        view: What they see of the window.
    """
    outcomes = [rule_outcome(rule, view) for rule in group.rules]
    choose = min if group.all_of else max
    state = choose(one.state for one in outcomes)
    deciding = [one for one in outcomes if one.state is state]
    shown = outcomes if group.all_of and state > State.GREEN else deciding
    reasons = " and ".join(one.reason for one in shown)
    outcome = deciding[0].model_copy(
        update={
            "rule": group.text,
            "state": state,
            "reason": f"{group.name}: {reasons}",
            "short": f"{group.name}: {deciding[0].short}",
        }
    )
    return persisted(group, outcome, view.past.outcomes_of(group.text))
