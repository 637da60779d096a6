"""What a window is compared with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import models
from daywatch.measure.service.past_windows import PastVolume, PastWindows, Served, Setting, values_of
from daywatch.results import Metric
from daywatch.warehouse.database import transaction
from daywatch.warehouse.past_windows import past_windows
from daywatch.warehouse.record import record_window
from daywatch.warehouse.window_results import WindowResults
from daywatch.window import Window

Results = Callable[..., WindowResults]
SUNDAYS = ("2024-02-25", "2024-02-18", "2024-02-11", "2024-02-04", "2024-01-28")


def store(url: str, results: Results, revision: str, day: str, records: int, **changes: Any) -> None:
    given = results(revision, day, **changes)
    exported = 0 if records == 0 else given.counts.exported
    counts = given.counts.model_copy(update={"records": records, "exported": exported})
    with transaction(url) as connection:
        record_window(connection, replace(given, counts=counts))


def past(url: str, window: Window) -> PastWindows:
    with transaction(url) as connection:
        return past_windows(connection, "shop", window)


def test_nothing_is_known_at_first(url: str) -> None:
    assert past(url, Window.of_day("2024-03-03")) == PastWindows()


def test_the_four_latest_of_the_same_weekday(url: str, results: Results) -> None:
    for number, day in enumerate(SUNDAYS):
        store(url, results, f"r{number}", day, 100 + number)
    store(url, results, "newer", SUNDAYS[1], 7)
    store(url, results, "monday", "2024-02-26", 999)
    store(url, results, "other", SUNDAYS[0], 888, model=models.model(model="other"))
    store(url, results, "later", "2024-03-10", 777)
    store(url, results, "itself", "2024-03-03", 666)
    for revision in ("long", "longer"):
        store(url, results, revision, SUNDAYS[0], 555, window=Window.between("2024-02-25", "2024-02-26"))

    found = past(url, Window.of_day("2024-03-03"))

    days = ((SUNDAYS[0], 100), (SUNDAYS[1], 7), (SUNDAYS[2], 102), (SUNDAYS[3], 103))
    assert found.same_weekday == tuple(PastVolume(window=day, records=n) for day, n in days)


def test_weeks_that_nobody_judged_are_passed_over_and_long_ago_is_not_looked_at(
    url: str, results: Results
) -> None:
    store(url, results, "a", "2024-01-28", 1)
    store(url, results, "b", "2023-12-31", 2)

    assert [one.records for one in past(url, Window.of_day("2024-03-03")).same_weekday] == [1]


def test_what_served_the_last_window_with_captures(url: str, results: Results) -> None:
    old = Served(setting=Setting.VARIANT, value="Blue", records=3, rows=3)
    store(url, results, "a", "2024-02-29", 5, served=(old,))
    store(url, results, "b", "2024-03-01", 5)
    store(url, results, "empty", "2024-03-02", 0, served=())

    found = past(url, Window.of_day("2024-03-03"))

    assert found.last == "2024-03-01"
    assert values_of(found.served, Setting.MODEL_VERSION) == {"v1": 8, "v2": 2}
    assert values_of(found.served, Setting.SAMPLING_PERCENT) == {"10": 10}
    assert values_of(found.served, Setting.VARIANT) == {}


def test_what_stood_out_in_the_two_windows_before(url: str, results: Results) -> None:
    def stood_out(name: str, column: str = "", **changes: Any) -> Metric:
        return Metric(name=name, column=column, value=1.0, **{"alert": True, **changes})

    drift = stood_out("drift_score", "amount")
    store(url, results, "old", "2024-03-02", 5, metrics=(stood_out("drift_score", "items"),))
    store(url, results, "new", "2024-03-02", 5, metrics=(drift, stood_out("null_share", "amount")))
    quiet = stood_out("drift_score", "items", alert=False)
    of_slice = stood_out("accuracy", slice="country=DE")
    store(url, results, "a", "2024-03-01", 5, metrics=(stood_out("roc_auc"), quiet, of_slice))
    store(url, results, "b", "2024-02-29", 5, metrics=(stood_out("accuracy"),))

    assert past(url, Window.of_day("2024-03-03")).alerts == (("drift_score(amount)",), ("roc_auc",))
    monday = past(url, Window.of_day("2024-03-04")).alerts
    assert monday == (("drift_score(amount)",), ("roc_auc",)), "days without a verdict count for nothing"
    assert past(url, Window.of_day("2024-03-09")).alerts == (("drift_score(amount)",),), "at most a week old"
