"""The performance monitoring plan: rules with thresholds, minimum evidence, and what people do at each state."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from daywatch.config.base import one_line
from daywatch.config.metrics import F_MEASURES
from daywatch.config.model.columns import ClassText
from daywatch.config.model.conditions import Condition, parse_condition
from daywatch.config.model.spans import SpanDays
from daywatch.results import Against

ClassName = Annotated[ClassText, Field(max_length=120), AfterValidator(one_line)]

SliceName = Annotated[str, Field(max_length=250), AfterValidator(one_line)]

ConditionText = Annotated[Condition, BeforeValidator(parse_condition)]


class Rule(BaseModel):
    """One line of the plan: a metric and where it turns AMBER and RED.

    With ``green``, everything that is neither RED nor GREEN is AMBER. With ``amber``, everything that is
    neither RED nor AMBER is GREEN.

    Attributes:
        metric: Name of the metric.
        beta: With ``fbeta``, how many times more recall weighs than precision: 0.5 or 2.
        column: Name of the column, empty for a metric of the whole window.
        class_name: Name of the class, empty for a metric of all classes together.
        slice: Name of the slice, such as ``origin=JFK``; ``any`` for the worst of all slices; empty for all rows.
        over: Number of days that end with the window, for a metric of their profiles.
        against: The kind of baseline that these days are compared with.
        green: The condition for GREEN.
        amber: The condition for AMBER.
        red: The condition for RED, which is checked first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: str
    beta: float | None = None
    column: str = ""
    class_name: ClassName = ""
    slice: SliceName = ""
    over: SpanDays | None = None
    against: Against | None = None
    green: ConditionText | None = None
    amber: ConditionText | None = None
    red: ConditionText | None = None

    @model_validator(mode="before")
    @classmethod
    def _names_the_f_measure(cls, data: Any) -> Any:
        """Replace ``fbeta`` by the name of the measure with that beta, such as ``f2``."""
        if not isinstance(data, dict) or (data.get("metric") != "fbeta" and data.get("beta") is None):
            return data
        beta = data.get("beta")
        name = F_MEASURES.get(beta) if isinstance(beta, int | float) and beta != 1 else None
        if name is None:
            msg = f"fbeta needs 'beta', 0.5 or 2, but received {beta!r}; with 1 it is the metric f1"
            raise ValueError(msg)
        if data.get("metric") not in ("fbeta", name):
            msg = f"'beta' is for the metric fbeta, but the metric is {data.get('metric')!r:.120}"
            raise ValueError(msg)
        return {**data, "metric": name}

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
        """Days and baseline of a rule on profiles, by default one day and the frozen baseline; None for other rules."""
        if self.over is None and self.against is None:
            return None
        return self.over or 1, self.against or Against.FROZEN

    @property
    def target(self) -> str:
        """What the rule judges, such as ``drift_score(amount) over 7 days against moving`` or ``mae of origin=JFK``."""
        return rule_target(self.metric, self.column or self.class_name, self.slice, self.span)

    @property
    def text(self) -> str:
        """The rule in a line, such as ``roc_auc: green >= 0.8, red <= 0.7``."""
        parts = [("green", self.green), ("amber", self.amber), ("red", self.red)]
        return f"{self.target}: " + ", ".join(
            f"{name} {condition.text}" for name, condition in parts if condition
        )


def rule_target(metric: str, column: str, slice_: str, span: tuple[int, Against] | None) -> str:
    """Return what a rule judges, the start of its text.

    Args:
        metric: Name of the metric.
        column: Name of the column or of the class, empty for neither.
        slice_: Name of the slice, empty for all rows.
        span: Days and baseline of a rule on profiles, None for other rules.
    """
    target = f"{metric}({column})" if column else metric
    target = f"{target} of {slice_}" if slice_ else target
    if span is None:
        return target
    days, against = span
    return f"{target} over {days} {'day' if days == 1 else 'days'} against {against}"


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


class RedAction(Action):
    """What the plan says to do at RED.

    Attributes:
        retrain: Whether retraining is triggered.
    """

    retrain: bool = False


class Actions(BaseModel):
    """The action for each state that needs one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amber: Action = Action(
        do="Look at the first reason and at the worst columns; compare them with the day before.",
        who="the model's owner",
        within_hours=24,
    )
    red: RedAction = RedAction(
        do="Find what the first reason names, and rely on no answer of the model until it is found.",
        who="the model's owner",
        within_hours=4,
    )
    grey: Action = Action(
        do="Find out why captures or labels are missing.", who="the model's owner", within_hours=24
    )


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
        actions: What is done at each state, by whom and by when.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    preset: Literal["standard"] | None = None
    minimum: Minimum = Minimum()
    baseline_values: dict[str, Annotated[float, Field(allow_inf_nan=False)]] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    actions: Actions = Actions()

    @model_validator(mode="before")
    @classmethod
    def _standard_by_default(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        preset = data.get("preset") or (None if data.get("rules") else STANDARD)
        minimum = data.get("minimum", {})
        if preset == STANDARD and isinstance(minimum, dict):
            return {**data, "preset": preset, "minimum": {**_STANDARD_MINIMUM, **minimum}}
        return {**data, "preset": preset}

    @property
    def is_standard(self) -> bool:
        """Whether the standard rules apply."""
        return self.preset == STANDARD

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
