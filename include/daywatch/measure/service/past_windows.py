"""What the warehouse knows of the windows before, as far as this one is compared with them."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from daywatch.results import Record

if TYPE_CHECKING:
    from collections.abc import Iterable


class Setting(StrEnum):
    """What a record was served by."""

    MODEL_VERSION = "model_version"
    VARIANT = "variant"
    SAMPLING_PERCENT = "sampling_percent"


class Served(Record):
    """A value of a setting, and how much of a window it served.

    Attributes:
        setting: Which.
        value: The version, the variant, or the percentage.
        records: Capture records.
        rows: Inferences among them that became rows.
    """

    setting: Setting
    value: str
    records: int
    rows: int


class PastVolume(Record):
    """How many records a window had.

    Attributes:
        window: Its key.
        records: Capture records.
    """

    window: str
    records: int


class PastWindows(Record):
    """The windows that one is compared with.

    Attributes:
        same_weekday: Volumes of the latest judged windows of the same weekday, at most four, latest first.
        last: Key of the last judged window that had captures, empty for none.
        served: What served it.
        profiles: Revisions of the days before whose profiles are compared with, by day.
    """

    same_weekday: tuple[PastVolume, ...] = ()
    last: str = ""
    served: tuple[Served, ...] = ()
    profiles: dict[date, str] = Field(default_factory=dict)


def values_of(served: Iterable[Served], setting: Setting) -> dict[str, int]:
    """Return the records of each value of a setting."""
    return {one.value: one.records for one in served if one.setting is setting}
