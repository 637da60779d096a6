"""A rule of the plan: what is judged, and where it turns AMBER and RED."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from daywatch.config.base import one_line
from daywatch.config.metrics import OF_PROFILES, QUANTILES
from daywatch.config.model.columns import ClassText
from daywatch.config.model.conditions import Condition
from daywatch.config.model.history import DEFAULT_WINDOWS, BandSettings, History
from daywatch.config.model.persistence import ConditionText, Persistent
from daywatch.config.model.slices import ANY
from daywatch.config.model.spans import SpanDays
from daywatch.config.performance_metrics import F_MEASURES
from daywatch.results import Against

ClassName = Annotated[ClassText, Field(max_length=120), AfterValidator(one_line)]

SliceName = Annotated[str, Field(max_length=250), AfterValidator(one_line)]


_AS_WRITTEN: tuple[str, ...] = ("green", "amber", "red")


class Rule(Persistent):
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
        against: What the metric is compared with instead of the frozen baseline; for the drift of profiles, the kind
            of baseline.
        windows: With ``against: mean``, ``median`` or ``same_weekday``, of how many windows before.
        band: The values that are normal by the metric's own history, for conditions such as ``outside the band``.
        green: The condition for GREEN.
        amber: The condition for AMBER.
        red: The condition for RED, which is checked first.
        at_once: With ``for``, the condition under which the state counts at once.
        recovers: The condition that must be met before a state of the window before becomes a better one.
    """

    metric: str
    q: float | None = None
    beta: float | None = None
    column: str = ""
    class_name: ClassName = ""
    slice: SliceName = ""
    over: SpanDays | None = None
    against: Against | History | None = None
    windows: int | None = Field(default=None, ge=1, le=366)
    band: BandSettings | None = None
    green: ConditionText | None = None
    amber: ConditionText | None = None
    red: ConditionText | None = None
    at_once: ConditionText | None = None
    recovers: ConditionText | None = None

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

    @model_validator(mode="before")
    @classmethod
    def _leaves_the_band(cls, data: Any) -> Any:
        """Let a band without conditions be AMBER outside of it."""
        if (
            isinstance(data, dict)
            and data.get("band") is not None
            and not {"green", "amber", "red"} & data.keys()
        ):
            return {**data, "amber": "outside the band"}
        return data

    @model_validator(mode="after")
    def _one_reading(self) -> Rule:
        if self.green and self.amber:
            msg = (
                "give 'green' or 'amber', not both: what is left between 'red' and the one given is the other"
            )
            raise ValueError(msg)
        if not self.conditions:
            msg = "expected at least one of 'green', 'amber', 'red'"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _one_reference(self) -> Rule:
        needs_band = any(one.of_band for one in self.all_conditions)
        if needs_band and self.band is None:
            msg = "a condition on the band needs the key 'band', such as {windows: 28, sensitivity: 3, season: weekday}"
            raise ValueError(msg)
        if self.band is not None and (self.against is not None or self.over is not None):
            msg = "'band' compares with the metric's own windows: leave out 'against' and 'over'"
            raise ValueError(msg)
        if self.band is not None and any(one.relative for one in self.all_conditions):
            msg = "with 'band', conditions are absolute or about the band, such as 'outside the band'"
            raise ValueError(msg)
        if self.at_once is not None and self.persistence is None:
            msg = "'at_once' is for a rule with 'for', such as 'for: 2 of 3'"
            raise ValueError(msg)
        if self.windows is not None and self.against not in DEFAULT_WINDOWS:
            msg = f"'windows' is for 'against': {', '.join(DEFAULT_WINDOWS)}"
            raise ValueError(msg)
        return self

    @property
    def conditions(self) -> dict[str, Condition]:
        """The conditions by their names, RED first, as they are checked."""
        named = {"red": self.red, "amber": self.amber, "green": self.green}
        return {name: one for name, one in named.items() if one is not None}

    @property
    def all_conditions(self) -> tuple[Condition, ...]:
        """All conditions, those of persistence among them."""
        return (*self.conditions.values(), *(one for one in (self.at_once, self.recovers) if one is not None))

    @property
    def named_class(self) -> str:
        """The class that the rule names, empty for none and for any."""
        return "" if self.class_name == ANY else self.class_name

    @property
    def span(self) -> tuple[int, Against] | None:
        """Days and baseline of a rule on profiles, by default one day and the frozen baseline; None for other rules."""
        if self.metric not in OF_PROFILES or isinstance(self.against, History):
            return None
        if self.over is None and self.against is None:
            return None
        return self.over or 1, self.against or Against.FROZEN

    @property
    def reference(self) -> Against | History | None:
        """The windows before that the metric is compared with, None for the baseline, a band, and for profiles."""
        return None if self.span or self.against is Against.FROZEN else self.against

    @property
    def reference_windows(self) -> int:
        """Of how many windows before the reference is."""
        return self.windows or (DEFAULT_WINDOWS.get(self.against, 1) if self.against else 1)

    @property
    def needs_history(self) -> bool:
        """Whether the rule depends on windows before."""
        return self.compares_windows or self.persists

    @property
    def compares_windows(self) -> bool:
        """Whether the rule compares with the metric's values in windows before."""
        return self.band is not None or self.reference is not None

    @property
    def persists(self) -> bool:
        """Whether the state depends on the states of windows before."""
        return self.persistence is not None or self.recovers is not None

    @property
    def compared(self) -> str:
        """What the metric is compared with, empty for the baseline, such as ``against median of 7 windows``."""
        if self.band is not None:
            season = f" by {self.band.season}" if self.band.season else ""
            return f"in a band of {self.band.windows} windows{season}"
        if self.reference is None:
            return ""
        counted = self.reference in DEFAULT_WINDOWS
        return f"against {self.reference}{f' of {self.reference_windows} windows' if counted else ''}"

    @property
    def target(self) -> str:
        """What the rule judges, such as ``drift_score(amount) over 7 days against moving`` or ``mae of origin=JFK``."""
        return rule_target(self.metric, self.column or self.class_name, self.slice, self.span, self.compared)

    @property
    def text(self) -> str:
        """The rule in a line, such as ``roc_auc: green >= 0.8, red <= 0.7``."""
        parts: list[tuple[str, Condition]] = [
            (name, self.conditions[name]) for name in _AS_WRITTEN if name in self.conditions
        ]
        parts += [
            (name, one) for name, one in (("at once", self.at_once), ("recovers", self.recovers)) if one
        ]
        conditions = ", ".join(f"{name} {condition.text}" for name, condition in parts)
        return f"{self.target}: {conditions}{self.lasting}"


def rule_target(
    metric: str, column: str, slice_: str, span: tuple[int, Against] | None, compared: str = ""
) -> str:
    """Return what a rule judges, the start of its text.

    Args:
        metric: Name of the metric.
        column: Name of the column or of the class, empty for neither.
        slice_: Name of the slice, empty for all rows.
        span: Days and baseline of a rule on profiles, None for other rules.
        compared: What the metric is compared with, empty for the baseline.
    """
    target = f"{metric}({column})" if column else metric
    target = f"{target} of {slice_}" if slice_ else target
    target = f"{target} {compared}" if compared else target
    if span is None:
        return target
    days, against = span
    return f"{target} over {days} {'day' if days == 1 else 'days'} against {against}"
