"""The performance monitoring plan: rules, minimum evidence, and what people do at each state."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from daywatch.config.model.rule import Rule
from daywatch.config.model.rule_group import RuleGroup
from daywatch.results import State
from daywatch.window import Window

_VOLUME = ("records", "rows", "volume_change", "hours_without_captures")
"""Metrics of the volume, which holidays excuse."""

FAULTS_METRIC = "data_faults"
"""The metric that every plan judges: RED above 0, unless a rule of its own says AMBER."""


class Minimum(BaseModel):
    """Evidence below which nothing is judged.

    Attributes:
        rows: With fewer rows, the window is GREY.
        labels: With fewer labelled rows, performance and target drift are GREY.
        label_share: With a smaller share of labelled rows, performance and target drift are GREY.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: int = Field(default=100, ge=1)
    labels: int = Field(default=50, ge=1)
    label_share: float = Field(default=0.0, ge=0, le=1)


class Action(BaseModel):
    """What the plan says to do at a state.

    Attributes:
        do: What to do, in a sentence or two.
        who: Who does it.
        within_hours: Number of hours from the mail until it is done.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    do: str
    who: str
    within_hours: int = Field(ge=1)


class RetrainingAction(Action):
    """What the plan says to do at AMBER or RED.

    Attributes:
        retrain: Whether the state asks for retraining: at once, or after a person has approved it.
    """

    retrain: bool | Literal["ask"] = False


class Actions(BaseModel):
    """The action for each state that needs one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amber: RetrainingAction = RetrainingAction(
        do="Look at the first reason and at the worst columns; compare them with the day before.",
        who="the model's owner",
        within_hours=24,
    )
    red: RetrainingAction = RetrainingAction(
        do="Find what the first reason names, and rely on no answer of the model until it is found.",
        who="the model's owner",
        within_hours=4,
    )
    grey: Action = Action(
        do="Find out why captures or labels are missing.", who="the model's owner", within_hours=24
    )

    def retrain_at(self, state: State) -> bool | Literal["ask"]:
        """Return what a state asks for: retraining, the question whether to retrain, or neither."""
        asking = {State.AMBER: self.amber, State.RED: self.red}
        return asking[state].retrain if state in asking else False

    @property
    def retrain(self) -> bool:
        """Whether any state asks for retraining."""
        return bool(self.amber.retrain or self.red.retrain)


STANDARD = "standard"
"""The rules that every model can be judged by without a threshold of its own."""

_STANDARD_MINIMUM = {"rows": 30, "labels": 30}
"""The standard rules allow for the number of rows, so they need fewer than a threshold does."""


class Plan(BaseModel):
    """The model's performance monitoring plan.

    Attributes:
        preset: ``standard`` for rules whose thresholds come from the baseline; None for the rules written here alone.
            A plan without rules has the standard ones.
        minimum: Evidence below which nothing is judged.
        baseline_values: Values of performance metrics that count as the baseline's, such as those of the model's
            evaluation.
        rules: The rules; the worst outcome is the verdict. One on a metric replaces the standard rule on it.
        together: Rules that are judged together, all or any of them.
        holidays: Days whose volume is excused: nothing is said of fewer or more records or of hours without captures.
            In YAML, also the name of a calendar file.
        actions: What is done at each state, by whom and by when.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    preset: Literal["standard"] | None = None
    minimum: Minimum = Minimum()
    baseline_values: dict[str, Annotated[float, Field(allow_inf_nan=False)]] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    together: tuple[RuleGroup, ...] = ()
    holidays: tuple[date, ...] = ()
    actions: Actions = Actions()

    @model_validator(mode="before")
    @classmethod
    def _standard_by_default(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        written = data.get("rules") or data.get("together")
        preset = data.get("preset") or (None if written else STANDARD)
        minimum = data.get("minimum", {})
        if preset == STANDARD and isinstance(minimum, dict):
            return {**data, "preset": preset, "minimum": {**_STANDARD_MINIMUM, **minimum}}
        return {**data, "preset": preset}

    @property
    def is_standard(self) -> bool:
        """Whether the standard rules apply."""
        return self.preset == STANDARD

    @property
    def needs_history(self) -> bool:
        """Whether a rule compares with windows before."""
        persists = any(group.persistence for group in self.together)
        return self.is_standard or persists or any(rule.needs_history for rule in self.all_rules)

    @property
    def outcomes_needed(self) -> dict[str, int]:
        """How many outcomes of windows before are needed of each rule that counts only if it persists, by its text."""
        needed = {rule.text: 1 for rule in self.rules if rule.recovers is not None}
        rules: tuple[Rule | RuleGroup, ...] = (*self.rules, *self.together)
        for one in rules:
            if one.persistence is not None:
                needed[one.text] = max(needed.get(one.text, 0), one.persistence.of - 1)
        return needed

    @property
    def all_rules(self) -> tuple[Rule, ...]:
        """All rules, those that are judged together among them, for what has to be measured."""
        return (*self.rules, *(rule for group in self.together for rule in group.rules))

    @property
    def placed_rules(self) -> tuple[tuple[tuple[str | int, ...], Rule], ...]:
        """All rules, each with its place in the YAML, such as ``("plan", "rules", 0)``."""
        found: list[tuple[tuple[str | int, ...], Rule]] = [
            (("plan", "rules", number), rule) for number, rule in enumerate(self.rules)
        ]
        for number, group in enumerate(self.together):
            kind = "all_of" if group.all_of else "any_of"
            where = ("plan", "together", number, kind)
            found += [((*where, place), rule) for place, rule in enumerate(group.rules)]
        return tuple(found)

    def due_rules(self, window: Window | None) -> list[Rule]:
        """Return the rules that judge a window: not those of another rhythm, and on holidays none on the volume.

        Args:
            window: The window, None where nothing says which one it is.
        """
        excused = _VOLUME if self.excuses_volume(window) else ()
        return [rule for rule in self.rules if rule.is_due(window) and rule.metric not in excused]

    def excuses_volume(self, window: Window | None) -> bool:
        """Return whether a day of a window is a holiday.

        Args:
            window: The window, None where nothing says which one it is.
        """
        return window is not None and any(window.first <= day <= window.last for day in self.holidays)

    def replaces(self, metric: str, column: str) -> bool:
        """Return whether a rule that people wrote stands for the standard one.

        Args:
            metric: The metric of the standard rule.
            column: Its column, empty for the whole window.
        """
        return any(
            (rule.metric, rule.column) == (metric, column)
            and not (rule.class_name or rule.slice or rule.span)
            for rule in self.rules
        )
