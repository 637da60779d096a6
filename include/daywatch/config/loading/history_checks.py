"""Errors of rules that look at more than one window: at stored profiles, or at earlier values."""

from __future__ import annotations

from collections.abc import Iterator

from daywatch.config.base import Place, PlacedError, dotted
from daywatch.config.metrics import OF_PROFILES
from daywatch.config.model.history import History
from daywatch.config.model.model import MonitoredModel
from daywatch.config.model.rule import Rule
from daywatch.config.model.slices import ANY
from daywatch.results import Against


def check_spans(model: MonitoredModel) -> Iterator[PlacedError]:
    """Yield errors of rules about stored profiles: not compared, or always GREY when windows run in parallel."""
    profiles = model.drift.profiles
    for where, rule in model.plan.placed_rules:
        if rule.span is None:
            continue
        days, against = rule.span
        if days not in profiles.over:
            yield (
                (*where, "over" if rule.over else "against"),
                f"{rule.target} is not computed: expected {days} to be one of drift.profiles.over",
            )
        if against not in profiles.against:
            yield (
                (*where, "against" if rule.against else "over"),
                f"{rule.target} is not computed: expected {against} to be one of drift.profiles.against",
            )
        if days > 1 or against is not Against.FROZEN:
            yield from _one_at_a_time(model, where)


def check_references(model: MonitoredModel) -> Iterator[PlacedError]:
    """Yield errors of rules that compare with windows before."""
    for where, rule in model.plan.placed_rules:
        for key, error in _of_rule(rule):
            yield (*where, key), error
        if rule.needs_history:
            yield from _one_at_a_time(model, where)
    for number, group in enumerate(model.plan.together):
        if group.persistence is not None:
            yield from _one_at_a_time(model, ("plan", "together", number))


def _of_rule(rule: Rule) -> Iterator[tuple[str, str]]:
    """Yield the errors of one rule, each with the key of the rule that it is about."""
    if rule.over is not None and rule.span is None:
        if rule.metric in OF_PROFILES:
            yield "over", f"{rule.against} compares with single windows before: leave out 'over'"
        else:
            accepted = ", ".join(OF_PROFILES)
            yield "over", f"profiles do not hold {rule.metric}; metrics with 'over': {accepted}"
    if rule.span is None and rule.against is Against.MOVING:
        yield (
            "against",
            f"{Against.MOVING} is for the drift of profiles: expected one of {', '.join(_OF_VALUES)}",
        )
    if rule.reference is not None and not any(one.relative for one in rule.all_conditions):
        yield "against", "no condition compares with it: expected one such as 'falls by 10 %'"
    if rule.compares_windows:
        for key, value in (("slice", rule.slice), ("class_name", rule.class_name)):
            if value == ANY:
                yield (
                    key,
                    f"rules that compare with windows before name one: {ANY!r} has no history of its own",
                )


_OF_VALUES = (*History, Against.SAME_WEEKDAY, Against.SAME_MONTH, Against.FROZEN)
"""What the value of a metric may be compared with."""


def _one_at_a_time(model: MonitoredModel, where: Place) -> Iterator[PlacedError]:
    """Yield the error of a rule that needs earlier days, if windows run in parallel."""
    if model.schedule.max_active_runs > 1:
        yield (
            ("schedule", "max_active_runs"),
            f"expected 1: {dotted(where)} needs the earlier days, which are not measured yet when several "
            "windows run at once",
        )
