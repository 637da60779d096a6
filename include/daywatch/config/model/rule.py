"""A rule of the plan: what is judged, and where it turns AMBER and RED."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from daywatch.config.base import one_line
from daywatch.config.metrics import QUANTILES
from daywatch.config.model.columns import ClassText
from daywatch.config.model.conditions import Condition, parse_condition
from daywatch.config.model.slices import ANY
from daywatch.config.model.spans import SpanDays
from daywatch.config.performance_metrics import F_MEASURES
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
        q: With ``quantile``, the share of the values that are below it, one of those that profiles hold.
        beta: With ``fbeta``, how many times more recall weighs than precision: 0.5 or 2.
        column: Name of the column, empty for a metric of the whole window.
        class_name: Name of the class; ``any`` for the worst of all classes; empty for all classes together.
        slice: Name of the slice, such as ``origin=JFK``; ``any`` for the worst of all slices; empty for all rows.
        over: Number of days that end with the window, for a metric of their profiles.
        against: The kind of baseline that these days are compared with.
        green: The condition for GREEN.
        amber: The condition for AMBER.
        red: The condition for RED, which is checked first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: str
    q: float | None = None
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

    @model_validator(mode="before")
    @classmethod
    def _names_the_quantile(cls, data: Any) -> Any:
        """Replace ``quantile`` by the name of the one with that share, such as ``p95``."""
        if not isinstance(data, dict) or (data.get("metric") != "quantile" and data.get("q") is None):
            return data
        share = data.get("q")
        name = QUANTILES.get(share) if isinstance(share, int | float) else None
        if name is None:
            accepted = ", ".join(f"{one:g}" for one in QUANTILES)
            msg = f"quantile needs 'q', one of {accepted}, but received {share!r:.120}"
            raise ValueError(msg)
        if data.get("metric") not in ("quantile", name):
            msg = f"'q' is for the metric quantile, but the metric is {data.get('metric')!r:.120}"
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
    def named_class(self) -> str:
        """The class that the rule names, empty for none and for any."""
        return "" if self.class_name == ANY else self.class_name

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
