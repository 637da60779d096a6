"""The outcomes of rules in windows before, as the warehouse has them."""

from __future__ import annotations

from daywatch.results import State
from daywatch.verdicts import RuleOutcome, Verdict
from daywatch.warehouse.database import transaction
from daywatch.warehouse.past_outcomes import past_outcomes
from daywatch.warehouse.record import record_window
from daywatch.window import Window
from recorded import make_results


def test_of_several_revisions_only_the_last_one_counts(url: str) -> None:
    """Also for a rule that it does not have, because the plan was changed in between."""

    def verdict(*rules: str) -> Verdict:
        outcomes = (
            RuleOutcome(rule=one, metric="rows", state=State.RED, reason="r", short="r") for one in rules
        )
        return Verdict(state=State.RED, reasons=("r",), short="r", rules=tuple(outcomes))

    judged = [
        make_results("r1", "2024-03-03", verdict=verdict("a", "b")),
        make_results("r1", "2024-03-04", verdict=verdict("a", "b")),
        make_results("r2", "2024-03-04", verdict=verdict("a")),
    ]
    with transaction(url) as connection:
        for one in judged:
            record_window(connection, one)
        model, window = judged[0].model.model, Window.of_day("2024-03-05")
        found = past_outcomes(connection, model, window, {"a": 2, "b": 2})

    assert [(one.rule, one.window) for one in found] == [
        ("a", "2024-03-04"),
        ("a", "2024-03-03"),
        ("b", "2024-03-03"),
    ]
