"""The performance monitoring plan: thresholds, who is told, what is done. Conditions are data."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from daywatch.config.model.spans import Days
from daywatch.results import Against

_ABSOLUTE = re.compile(r"^\s*(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*(%?)\s*$")
_RELATIVE = re.compile(r"^\s*(falls|rises|changes) by\s+(\d+(?:\.\d+)?)\s*(%?)\s*$")


class Condition(BaseModel):
    """A threshold, absolute or against the baseline.

    Attributes:
        comparison: ``>=``, ``<=``, ``>``, ``<``, or ``falls``, ``rises``, ``changes`` against the baseline.
        bound: The number compared with; a share for percentages (0.1 for 10 %).
        percent: For comparisons with the baseline: relative to the baseline's value, not in its unit.
        text: As written.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    comparison: Literal[">=", "<=", ">", "<", "falls", "rises", "changes"]
    bound: float
    percent: bool = False
    text: str

    @property
    def relative(self) -> bool:
        """True where the baseline's value is needed."""
        return self.comparison in ("falls", "rises", "changes")


def parse_condition(text: Any) -> Any:
    """Read ``>= 0.8``, ``> 5 %``, ``falls by 10 %`` or ``rises by 0.05``.

    Raises:
        ValueError: The text is none of these.
    """
    if not isinstance(text, str):
        return text
    if match := _ABSOLUTE.match(text):
        comparison, number, sign = match.groups()
        return Condition(comparison=comparison, bound=float(number) / (100 if sign else 1), text=text.strip())
    if match := _RELATIVE.match(text):
        comparison, number, sign = match.groups()
        bound = float(number) / (100 if sign else 1)
        return Condition(comparison=comparison, bound=bound, percent=bool(sign), text=text.strip())
    msg = f"expected a condition such as '>= 0.8', '> 5 %', 'falls by 10 %' or 'rises by 0.05', got {text!r}"
    raise ValueError(msg)


def _visible(name: str) -> str:
    if not name.isprintable():
        msg = f"expected a name without line breaks and other control characters, but received {name!r}"
        raise ValueError(msg)
    return name


ClassName = Annotated[str, Field(max_length=120), AfterValidator(_visible)]

SliceName = Annotated[str, Field(max_length=250), AfterValidator(_visible)]

ConditionText = Annotated[Condition, BeforeValidator(parse_condition)]


class Rule(BaseModel):
    """One line of the plan: a metric and where it turns AMBER and RED.

    With ``green``, everything that is neither RED nor GREEN is AMBER. With ``amber``, everything that is
    neither RED nor AMBER is GREEN.

    Attributes:
        metric: Name of the metric.
        column: Its column, empty for a metric of the whole window.
        class_name: Its class, empty for a metric of all classes.
        slice: Its slice, such as ``origin=JFK``; ``any`` for the worst of all slices; empty for all rows.
        over: The metric of so many days that end with the window, from their profiles.
        against: The baseline that these are held against.
        green: Where it is GREEN.
        amber: Where it is AMBER.
        red: Where it is RED; checked first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: str
    column: str = ""
    class_name: ClassName = ""
    slice: SliceName = ""
    over: Days | None = None
    against: Against | None = None
    green: ConditionText | None = None
    amber: ConditionText | None = None
    red: ConditionText | None = None

    @model_validator(mode="after")
    def _one_reading(self) -> Rule:
        if self.green and self.amber:
            msg = (
                "give 'green' or 'amber', not both: what is left between 'red' and the one given is the other"
            )
            raise ValueError(msg)
        if not (self.green or self.amber or self.red):
            msg = "expected at least one of 'green', 'amber', 'red'"
            raise ValueError(msg)
        return self

    @property
    def span(self) -> tuple[int, Against] | None:
        """Days and baseline of a rule on profiles: a day, the frozen baseline where not said; None for others."""
        if self.over is None and self.against is None:
            return None
        return self.over or 1, self.against or Against.FROZEN

    @property
    def target(self) -> str:
        """What is judged, such as ``drift_score(amount) over 7 days against moving`` or ``mae of origin=JFK``."""
        return rule_target(self.metric, self.column or self.class_name, self.slice, self.span)

    @property
    def text(self) -> str:
        """The rule in a line, such as ``roc_auc: green >= 0.8, red <= 0.7``."""
        parts = [("green", self.green), ("amber", self.amber), ("red", self.red)]
        return f"{self.target}: " + ", ".join(
            f"{name} {condition.text}" for name, condition in parts if condition
        )


def rule_target(metric: str, column: str, slice_: str, span: tuple[int, Against] | None) -> str:
    """Return what a rule judges, as its text begins."""
    target = f"{metric}({column})" if column else metric
    target = f"{target} of {slice_}" if slice_ else target
    if span is None:
        return target
    days, against = span
    return f"{target} over {days} {'day' if days == 1 else 'days'} against {against}"


class Minimum(BaseModel):
    """Evidence below which nothing is judged.

    Attributes:
        rows: Fewer rows than this: the window is GREY.
        labels: Fewer labelled rows than this: performance and target drift are GREY.
        label_share: Smaller share of labelled rows than this: likewise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: int = Field(default=100, ge=1)
    labels: int = Field(default=50, ge=1)
    label_share: float = Field(default=0.0, ge=0, le=1)


class Action(BaseModel):
    """What the plan says to do at a state.

    Attributes:
        do: What, in a sentence or two.
        who: Who does it.
        within_hours: By when, counted from the mail.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    do: str
    who: str
    within_hours: int = Field(ge=1)


class RedAction(Action):
    """What the plan says to do at RED.

    Attributes:
        retrain: Whether retraining is triggered.
    """

    retrain: bool = False


class Actions(BaseModel):
    """An action for each state that asks for one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amber: Action
    red: RedAction
    grey: Action


class Plan(BaseModel):
    """The model's performance monitoring plan.

    Attributes:
        minimum: Evidence below which nothing is judged.
        rules: Thresholds; the worst outcome is the verdict.
        actions: What is done, by whom, by when.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    minimum: Minimum = Minimum()
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]
    actions: Actions
