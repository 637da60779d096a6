"""The change of concept that the demonstration injects: from some day on, the labels of one airport are swapped.

A change of all labels would look like labels that are wrong. That one airport alone changes, and that its labels can
still be learned from the features, is what makes it a change of the world.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch_demo.flights.data import utc

if TYPE_CHECKING:
    import pandas as pd

CHANGED_FROM, CHANGED_ORIGIN = utc(2013, 2, 18), "EWR"
CHANGED_GROUND_TRUTH = "flights-newark-ground-truth"


def with_changed_concept(flights: pd.DataFrame) -> pd.DataFrame:
    """Return flights with the labels of those out of Newark swapped from 18 February 2013 on.

    Args:
        flights: As ``flights_between`` returns them.
    """
    changed = (flights["origin"] == CHANGED_ORIGIN) & (flights["inference_time"] >= CHANGED_FROM)
    return flights.assign(late=flights["late"].mask(changed, 1 - flights["late"]))
