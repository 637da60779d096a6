"""The earlier windows that a window is compared with, as the warehouse knows them."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from daywatch.ingest.labels.counts import ExpectedLabels
from daywatch.measure.service.metric_history import MetricHistory
from daywatch.results import Record, State

if TYPE_CHECKING:
    from collections.abc import Iterable


class Setting(StrEnum):
    """A setting of what served a record."""

    MODEL_VERSION = "model_version"
    VARIANT = "variant"
    SAMPLING_PERCENT = "sampling_percent"


class Served(Record):
    """A value of a setting, and how much of a window it served.

    Attributes:
        setting: The setting.
        value: The model version, the variant, or the sampling percentage.
        records: Number of capture records that it served.
        rows: Number of inferences in those records.
    """

    setting: Setting
    value: str
    records: int
    rows: int


class PastVolume(Record):
    """How many records a window had.

    Attributes:
        window: The window's key.
        records: Number of capture records.
    """

    window: str
    records: int


class PastOutcome(Record):
    """What a rule said of a window before.

    Attributes:
        window: The window's key.
        rule: The rule's text.
        found: The state by that window alone.
        state: The state that counted.
    """

    window: str
    rule: str
    found: State
    state: State


class PastWindows(Record):
    """The earlier windows that a window is compared with.

    Attributes:
        same_weekday: Volumes of the latest judged windows of the same weekday, at most four, latest first.
        last: Key of the last judged window that had captures, empty if there is none.
        served: What served that last window.
        profiles: By day, the revision whose profile is compared with the window's.
        alerts: What stood out in each of the two windows just before, as far as they were judged: drift and
            performance, as ``alert_name`` writes them.
        metrics: The metrics that rules compare with windows before, in these.
        outcomes: The outcomes of rules that count only if they persist, in the windows before, the latest first.
        expected_labels: When the windows before say that labels can be expected, of a window whose labels are not
            mature.
    """

    same_weekday: tuple[PastVolume, ...] = ()
    last: str = ""
    served: tuple[Served, ...] = ()
    profiles: dict[date, str] = Field(default_factory=dict)
    alerts: tuple[tuple[str, ...], ...] = ()
    metrics: tuple[MetricHistory, ...] = ()
    outcomes: tuple[PastOutcome, ...] = ()
    expected_labels: ExpectedLabels | None = None

    def outcomes_of(self, rule: str) -> tuple[PastOutcome, ...]:
        """Return the outcomes of a rule in the windows before, the latest first.

        Args:
            rule: The rule's text.
        """
        return tuple(one for one in self.outcomes if one.rule == rule)


def alert_name(metric: str, column: str) -> str:
    """Return the name of what stood out: ``drift_score(amount)`` or ``roc_auc``."""
    return f"{metric}({column})" if column else metric


def values_of(served: Iterable[Served], setting: Setting) -> dict[str, int]:
    """Return the number of records by value of a setting."""
    return {one.value: one.records for one in served if one.setting is setting}
