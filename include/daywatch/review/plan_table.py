"""The plan as a table that a stakeholder reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.model.slices import ANY
from daywatch.formatting import metric_title, over_span, percent, plural
from daywatch.judge.standard.data import FEWER, MORE
from daywatch.judge.standard.view import AT_ONCE
from daywatch.results import State
from daywatch.review.words import markdown_table

if TYPE_CHECKING:
    from daywatch.config.model.plan import Plan
    from daywatch.config.model.rule import Rule

RULE_HEADINGS = ("judged", "GREEN", "AMBER", "RED")
ACTION_HEADINGS = ("state", "what is done", "by whom", "within")

_AS_USUAL = "as in the baseline"

_STANDARD = (
    (
        "Values of each column: type, missing, range, new categories",
        _AS_USUAL,
        "more than the baseline and chance explain",
        "50 points above the baseline",
    ),
    (
        "Records: quarantined, received twice",
        _AS_USUAL,
        "more than the baseline and chance explain",
        "20 points above the baseline",
    ),
    (
        "Captures: hours, number of records, versions, sampling",
        _AS_USUAL,
        f"hours missing, {-FEWER * 100:.0f} % fewer or {MORE * 100:.0f} % more records, another version",
        "hours missing as often as not, 80 % fewer or five times as many records",
    ),
    (
        "Drift of each column, of predictions and of labels",
        "within its own threshold",
        f"{AT_ONCE:g} times its threshold, or beyond it in two of three windows",
        "never",
    ),
    (
        "Performance: ROC AUC, accuracy or mean absolute error",
        _AS_USUAL,
        "worse than the baseline beyond chance",
        "half (ROC AUC) or a third (accuracy) of what it knows is lost, errors doubled",
    ),
    (
        "Service: failures, timeouts, slow answers",
        _AS_USUAL,
        "1 point more failures, 1.5 times as slow",
        "10 points more failures, 3 times as slow",
    ),
)
"""The standard rules in words; docs/configuration.md has them in full."""


def rule_rows(plan: Plan) -> list[tuple[str, ...]]:
    """Return a row for each rule, in the order of ``RULE_HEADINGS``: those that people wrote, then the standard ones.

    Args:
        plan: The plan.
    """
    written = [_row(rule, rule.lasting) for rule in plan.rules]
    for group in plan.together:
        kind = "all of" if group.all_of else "any of"
        written += [_row(rule, group.lasting, f"{group.name}, {kind}: ") for rule in group.rules]
    return [*written, *(_STANDARD if plan.is_standard else ())]


def action_rows(plan: Plan) -> list[tuple[str, ...]]:
    """Return a row for each state that needs an action, the worst first, in the order of ``ACTION_HEADINGS``.

    Args:
        plan: The plan.
    """
    actions = (("RED", plan.actions.red), ("AMBER", plan.actions.amber), ("GREY", plan.actions.grey))
    return [
        (state, f"{one.do}{_retrains(plan, state)}", one.who, plural(one.within_hours, "hour"))
        for state, one in actions
    ]


def _retrains(plan: Plan, state: str) -> str:
    asks = plan.actions.retrain_at(State(state))
    if asks == "ask":
        return " A person is asked whether to train the model again."
    return " The model is trained again." if asks else ""


def plan_sentences(plan: Plan) -> tuple[str, ...]:
    """Return what the table does not say: the evidence that the plan needs, and what the baseline's values are.

    Args:
        plan: The plan.
    """
    minimum = plan.minimum
    share = (
        f", and labels of {percent(minimum.label_share)} of the rows for the same"
        if minimum.label_share
        else ""
    )
    values = ", ".join(f"{metric_title(name)} {value:g}" for name, value in plan.baseline_values.items())
    sentences = [
        f"A day is GREY with fewer than {plural(minimum.rows, 'row')}; its performance is GREY with fewer than "
        f"{plural(minimum.labels, 'labelled row')}{share}.",
        f"The baseline counts as {values}." if values else "",
        "A rule of the plan replaces the standard one on its metric and column."
        if plan.is_standard and plan.rules
        else "",
    ]
    return tuple(filter(None, sentences))


def _row(rule: Rule, lasting: str, together: str = "") -> tuple[str, ...]:
    """Return the row of a rule, with how long it must last, and of which rules together it is one."""
    title = metric_title(
        rule.metric, rule.column or rule.class_name, "any slice" if rule.slice == ANY else rule.slice
    )
    days, against = rule.span or (None, None)
    red = rule.red.text if rule.red else "never"
    if rule.green:
        green, amber = rule.green.text, "otherwise"
    else:
        green, amber = "otherwise", rule.amber.text if rule.amber else "never"
    recovers = f"after AMBER or RED only {rule.recovers.text}" if rule.recovers else green
    at_once = f"; at once {rule.at_once.text}" if rule.at_once else ""
    compared = f" {rule.compared}" if rule.compared else ""
    judged = f"{together}{over_span(title, days, against)}{compared}{lasting}{at_once}"
    return judged, recovers, amber, red


def plan_markdown(plan: Plan) -> str:
    """Return the plan as Markdown: its rules, what is done at each state, and what tables do not say.

    Args:
        plan: The plan.
    """
    tables = (
        markdown_table(RULE_HEADINGS, rule_rows(plan)),
        markdown_table(ACTION_HEADINGS, action_rows(plan)),
    )
    return "\n".join((*tables, *plan_sentences(plan))) + "\n"
