"""The curve of labels by age, and what it leads to expect."""

from __future__ import annotations

from datetime import date

import models
import pytest
from daywatch.ingest.labels.counts import LabelCounts
from daywatch.ingest.labels.maturity import are_mature, expected_labels, share_by_day
from daywatch.window import Window

DAY = Window.of_day("2013-02-09")


def counts(labelled: int, *by_day: int) -> LabelCounts:
    return LabelCounts(labels=labelled, labels_quarantined=0, labelled=labelled, labelled_by_day=by_day)


@pytest.mark.parametrize(
    ("found", "until", "shares"),
    [
        (counts(8, 2, 8), "2013-02-12", [0.2, 0.8, 0.8, 0.8]),
        (counts(8, 2, 8), "2013-02-09", [0.2]),
        (counts(0), "2013-02-10", [0.0, 0.0]),
        (counts(8), "2013-02-12", []),  # nobody knows when they were collected
        (counts(0), "2013-02-08", []),
        (counts(0), None, []),
    ],
)
def test_share_by_day(found: LabelCounts, until: str | None, shares: list[float]) -> None:
    assert share_by_day(found, 10, DAY, date.fromisoformat(until) if until else None) == shares


def test_a_window_without_rows_has_no_curve() -> None:
    assert share_by_day(0, 0, DAY, DAY.last) == []


def test_the_floor_is_expected_where_the_median_reaches_it() -> None:
    curves = [[0.1], [0.1, 0.5], [0.2, 0.6, 0.85], [0.3, 0.4, 0.95], [0.3, 0.9, 0.75]]

    expected = expected_labels(curves, 0.8, DAY)

    assert expected is not None
    assert (expected.share, expected.by) == (0.85, date(2013, 2, 11))


def test_the_floor_itself_is_enough() -> None:
    assert expected_labels([[0.8, 0.9]], 0.8, DAY) == expected_labels([[0.8]], 0.8, DAY)


def test_a_floor_that_was_never_reached() -> None:
    expected = expected_labels([[0.1, 0.2]], 0.8, DAY)

    assert expected is not None
    assert (expected.share, expected.by) == (0.2, date(2013, 2, 10))
    assert expected_labels([], 0.8, DAY) is None


def test_the_latest_28_windows_of_an_age_count() -> None:
    curves = [[0.1]] * 40 + [[0.1, 0.9]] * 28 + [[0.1, 0.0]] * 100

    expected = expected_labels(curves, 0.8, DAY)

    assert expected is not None
    assert expected.share == 0.9


def test_labels_are_mature_from_the_share_that_the_plan_asks_for() -> None:
    plan = {"plan__minimum": {"label_share": 0.8}}
    model = models.model(**plan)

    assert are_mature(8, 10, model)
    assert not are_mature(7, 10, model)
    assert not are_mature(0, 10, model)
    assert are_mature(0, 0, model)  # no rows, so none lacks its label
    assert are_mature(0, 10, models.model(labels=None))
