"""What the warehouse knows about windows already judged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import models
import pytest
import sqlalchemy as sa
from daywatch.results import Metric, State
from daywatch.verdicts import Verdict
from daywatch.warehouse.database import transaction
from daywatch.warehouse.history import (
    JudgedWindow,
    current_revisions,
    earlier_state,
    evidence_listings,
    judged_windows,
    label_curves,
)
from daywatch.warehouse.record import record_window
from daywatch.warehouse.tables import window_run
from daywatch.warehouse.window_results import WindowResults
from daywatch.window import Window

DAYS = ["2024-03-03", "2024-03-04", "2024-03-05"]


@pytest.fixture
def judged(url: str, results: Callable[..., WindowResults]) -> str:
    """A warehouse with three days, the middle one judged twice, recorded in no order."""
    with transaction(url) as connection:
        record_window(connection, results("r5", DAYS[2]))
        record_window(connection, results("r3", DAYS[0]))
        record_window(connection, results("r4", DAYS[1]))
        green = Verdict(state=State.GREEN, reasons=("all is well", "really"), short="well", rules=())
        newer = results("r4b", DAYS[1], verdict=green, metrics=(Metric(name="roc_auc", value=0.9),))
        record_window(connection, newer)
        record_window(connection, results("x", DAYS[0], model=models.model(model="other")))
    return url


def windows(url: str, **options: object) -> list[JudgedWindow]:
    with transaction(url) as connection:
        return judged_windows(connection, "shop", **options)  # type: ignore[arg-type]


def test_the_latest_windows_from_a_day_on(judged: str) -> None:
    assert [one.window for one in windows(judged, since=date(2024, 3, 4))] == DAYS[1:]
    assert [one.window for one in windows(judged, since=date(2024, 3, 4), limit=1)] == DAYS[2:]
    assert windows(judged, since=date(2024, 3, 6)) == []


def test_one_metric_of_all_models_is_found_by_its_index(sqlite_template: Path) -> None:
    query = "EXPLAIN QUERY PLAN SELECT model, value FROM metric_value WHERE metric = 'roc_auc' AND window_start > '2024'"
    with transaction(f"sqlite:///{sqlite_template}") as connection:
        (detail,) = (row.detail for row in connection.execute(sa.text(query)))
    assert detail.startswith(
        "SEARCH metric_value USING INDEX ix_metric_value_metric_window_start (metric=? AND"
    )


def test_oldest_first_and_only_the_newest_revision(judged: str) -> None:
    found = windows(judged)

    assert [(one.window, one.revision, one.state) for one in found] == [
        (DAYS[0], "r3", State.AMBER),
        (DAYS[1], "r4b", State.GREEN),
        (DAYS[2], "r5", State.AMBER),
    ]
    assert found[1].reasons == ("all is well", "really")
    assert found[1].metrics == {"roc_auc": 0.9}
    assert found[0].metrics == {"log_loss": None, "roc_auc": 0.1 + 0.2, "rows": 11}  # none of single columns
    assert (found[0].rows, found[0].labelled, found[0].short) == (11, 5, "ROC AUC 0.300")


def test_the_latest_of_those_before(judged: str) -> None:
    end = Window.of_day(DAYS[1]).end

    assert [one.window for one in windows(judged, before=end)] == DAYS[:2]
    assert [one.window for one in windows(judged, before=end, limit=1)] == [DAYS[1]]
    assert windows(judged, before=Window.of_day(DAYS[0]).start) == []


def test_current_revisions(judged: str) -> None:
    with transaction(judged) as connection:
        found = current_revisions(connection, "shop", Window.of_day(DAYS[1]).end)
        none = current_revisions(connection, "nobody", Window.of_day(DAYS[2]).end)

    assert found == [(Window.of_day(DAYS[0]), "r3"), (Window.of_day(DAYS[1]), "r4b")]
    assert none == []


def test_what_a_verdict_was_before(judged: str) -> None:
    with transaction(judged) as connection:
        found = [
            earlier_state(connection, "shop", Window.of_day(DAYS[1]), one) for one in ("r4", "r4b", "r9")
        ]

    assert found == [None, State.AMBER, None]


def test_curves_of_earlier_windows_latest_first(judged: str) -> None:
    with transaction(judged) as connection:
        found = label_curves(connection, "shop", Window.of_day(DAYS[2]).start, 9)
        view = connection.execute(
            sa.text(
                "SELECT age_days, share FROM label_curve WHERE revision = 'r3' AND model = 'shop' ORDER BY 1"
            )
        ).all()

    assert found == [[2 / 11, 5 / 11], [2 / 11, 5 / 11, 5 / 11]]  # known until 5 March
    assert [tuple(row) for row in view] == [(0, 2 / 11), (1, 5 / 11), (2, 5 / 11)]


def test_the_listings_of_an_interval(judged: str) -> None:
    first, last = Window.of_day(DAYS[1]), Window.of_day(DAYS[2])
    with transaction(judged) as connection:
        assert evidence_listings(connection, "shop", first.start, last.start) == [(first, "l1")]


def test_the_same_results_on_a_later_day_say_how_far_was_looked(
    judged: str, results: Callable[..., WindowResults]
) -> None:
    with transaction(judged) as connection:
        assert not record_window(
            connection, results("r3", DAYS[0], evidence_listing="l2", known_until=date(2024, 3, 6))
        )
        assert evidence_listings(
            connection, "shop", Window.of_day(DAYS[0]).start, Window.of_day(DAYS[0]).end
        ) == [(Window.of_day(DAYS[0]), "l2")]
        assert len(label_curves(connection, "shop", Window.of_day(DAYS[1]).start, 1)[0]) == 4


def test_what_was_recorded_by_a_day(judged: str) -> None:
    with transaction(judged) as connection:
        connection.execute(
            sa.update(window_run)
            .where(window_run.c.revision == "r4b")
            .values(recorded_at=Window.of_day("2099-01-02").start)
        )

    assert [one.revision for one in windows(judged, known_on=date(2099, 1, 1))] == ["r3", "r4", "r5"]
    assert [one.revision for one in windows(judged, known_on=date(2099, 1, 2))] == ["r3", "r4b", "r5"]
    assert windows(judged, known_on=date(2000, 1, 1)) == []
