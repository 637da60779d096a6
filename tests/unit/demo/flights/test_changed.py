"""The change of concept that the demonstration injects."""

from __future__ import annotations

from daywatch_demo.flights.changed import with_changed_concept
from daywatch_demo.flights.data import flights_between, utc


def test_the_labels_of_newark_alone_are_swapped_from_a_day_on() -> None:
    flights = flights_between(utc(2013, 2, 17), utc(2013, 2, 19))
    changed = with_changed_concept(flights)

    swapped = changed["late"] != flights["late"]
    expected = (flights["origin"] == "EWR") & (flights["inference_time"] >= utc(2013, 2, 18))
    assert 0 < expected.sum() < len(flights)
    assert (swapped == expected).all()
    assert changed.drop(columns="late").equals(flights.drop(columns="late"))
