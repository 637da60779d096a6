"""A catalogue of faults, each injected into a day, with the words by which a person would recognise the cause."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

Change = Callable[[pd.DataFrame], pd.DataFrame]


@dataclass(frozen=True)
class Fault:
    """A fault.

    Attributes:
        name: What it is.
        change: Returns a day with it.
        words: The first reason names the cause if it contains one of these.
        needs_labels: Whether only outcomes show it.
    """

    name: str
    change: Change
    words: tuple[str, ...]
    needs_labels: bool = False


def _set(column: str, change: Callable[[pd.Series], Any]) -> Change:
    return lambda day: day.assign(**{column: change(day[column])})


def _some(column: str, value: object, share: float) -> Change:
    """Replace a value in so many rows, evenly spread."""
    return lambda day: day.assign(
        **{column: day[column].astype(object).where(np.arange(len(day)) % 100 >= share * 100, value)}
    )


def _again(suffix: str) -> Change:
    return lambda day: pd.concat([day, day.assign(id=day["id"] + suffix)]).sort_values("at")


def _hours(day: pd.DataFrame) -> pd.DataFrame:
    return day[day["at"].map(lambda one: one.hour) < 12]


def _stuck(day: pd.DataFrame) -> pd.DataFrame:
    return day.assign(prediction="0", probability=0.2)


def _swapped(one: str, other: str) -> Change:
    return lambda day: day.assign(**{one: day[other], other: day[one]})


_FLIPPED = {"0": "1", "1": "0"}

FAULTS = (
    Fault("amount in cents", _set("amount", lambda v: v * 100), ("amount",)),
    Fault("amount x 1,000", _set("amount", lambda v: v * 1000), ("amount",)),
    Fault("distance in miles", _set("distance", lambda v: v / 1.609), ("distance",)),
    Fault("temperature in Fahrenheit", _set("temperature", lambda v: v * 1.8 + 32), ("temperature",)),
    Fault("age negative", _set("age", lambda v: -v), ("age",)),
    Fault("amount missing", _set("amount", lambda _: np.nan), ("amount",)),
    Fault("distance missing in 30 %", _some("distance", None, 0.3), ("distance",)),
    Fault("kind missing in 15 %", _some("kind", None, 0.15), ("kind",)),
    Fault("age -999 in 20 %", _some("age", -999, 0.2), ("age",)),
    Fault("amount renamed", lambda day: day.rename(columns={"amount": "order_amount"}), ("amount",)),
    Fault("kind in capitals", _set("kind", lambda v: v.str.upper()), ("kind",)),
    Fault("kind renamed", _set("kind", lambda v: v.replace("food", "groceries")), ("kind",)),
    Fault("kind constant", _set("kind", lambda _: "book"), ("kind",)),
    Fault("distance constant", _set("distance", lambda v: float(v.median())), ("distance",)),
    Fault("age and items swapped", _swapped("age", "items"), ("age", "items")),
    Fault("amount and distance swapped", _swapped("amount", "distance"), ("amount", "distance")),
    Fault("member inverted", _set("member", lambda v: ~v), ("member",)),
    Fault("city of one value", _set("city", lambda _: "city 1"), ("city",)),
    Fault("distance is text in 60 %", _some("distance", "n/a", 0.6), ("distance",)),
    Fault("prediction stuck", _stuck, ("prediction",)),
    Fault("probability rescaled", _set("probability", lambda v: v**3), ("probability", "prediction")),
    Fault("half of the hours", _hours, ("hours",)),
    Fault("half of the rows", lambda day: day.iloc[::2], ("records",)),
    Fault("rows twice, old ids", _again(""), ("twice",)),
    Fault("rows twice, new ids", _again("-b"), ("records",)),
    Fault("labels flipped", _set("label", lambda v: v.map(_FLIPPED)), ("label", "chance", "ROC AUC"), True),
    Fault("labels of one class", _set("label", lambda _: "0"), ("label", "positive"), True),
    Fault(
        "labels at random",
        _set("label", lambda v: v.sample(frac=1, random_state=1).to_numpy()),
        ("ROC AUC", "Accuracy", "label"),
        True,
    ),
)
