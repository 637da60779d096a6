"""All standard rules, applied to a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.judge.standard.data import data_outcomes
from daywatch.judge.standard.drift import drift_outcomes
from daywatch.judge.standard.performance import performance_outcomes
from daywatch.judge.standard.service import service_outcomes

if TYPE_CHECKING:
    from daywatch.judge.standard.view import StandardView
    from daywatch.verdicts import RuleOutcome


def standard_outcomes(view: StandardView) -> tuple[RuleOutcome, ...]:
    """Return the outcomes of the standard rules: performance first, so that a GREEN window shows it.

    Args:
        view: What the rules see of the window.
    """
    return (
        *performance_outcomes(view),
        *data_outcomes(view),
        *drift_outcomes(view),
        *service_outcomes(view),
    )
