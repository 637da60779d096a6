"""Several rules that are judged together."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from daywatch.config.base import one_line
from daywatch.config.model.persistence import Persistent
from daywatch.config.model.rule import Rule


class RuleGroup(Persistent):
    """Rules of which all, or any, must be AMBER or RED.

    Attributes:
        name: Its name for people.
        all_of: The outcome is the best one of these rules: all of them have to be AMBER or RED.
        any_of: The outcome is the worst one of these rules.
    """

    name: Annotated[str, Field(min_length=1, max_length=120), AfterValidator(one_line)]
    all_of: tuple[Rule, ...] = ()
    any_of: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> RuleGroup:
        if bool(self.all_of) == bool(self.any_of):
            msg = "give either 'all_of' or 'any_of', with at least two rules"
            raise ValueError(msg)
        if len(self.rules) < 2:
            msg = "expected at least two rules: one alone belongs under plan.rules"
            raise ValueError(msg)
        if any(rule.persistence or rule.recovers or rule.every for rule in self.rules):
            msg = (
                "'for', 'recovers' and 'every' are for the rules together: leave them out of the single ones"
            )
            raise ValueError(msg)
        return self

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules."""
        return self.all_of or self.any_of

    @property
    def text(self) -> str:
        """The rules in a line."""
        listed = "; ".join(rule.text for rule in self.rules)
        return f"{self.name}: {'all' if self.all_of else 'any'} of ({listed}){self.lasting}"
