"""A warehouse from before: the same windows under new revisions send no mail and train nothing again."""

from __future__ import annotations

import email
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from captures import day_of
from daywatch.results import State
from daywatch.stages.retrain import register, train
from daywatch.window import Window
from models import NAME, write_model
from places import BASELINE_DAYS, Place, make_baseline
from rows import dump

AT = datetime(2024, 3, 9, 6, tzinfo=UTC)
JUDGED = {
    "2024-03-03": State.GREEN,
    "2024-03-04": State.RED,
    "2024-03-05": State.RED,
    "2024-03-06": State.GREY,
}
"""The windows and their verdicts; the last one has no captures."""


@pytest.fixture
def inbox(start: Callable[..., Any]) -> Any:
    return start()


@pytest.fixture
def judged(place: Callable[..., Place], inbox: Any) -> Place:
    """A place whose windows were judged and mailed, and whose model was retrained because of the first RED."""
    made = place()
    here = replace(
        made, deployment=replace(made.deployment, smtp=inbox.connection(from_email="daywatch@example.com"))
    )
    make_baseline(here)
    for day, wrong in zip(JUDGED, (0.05, 0.32, 0.32), strict=False):
        here.endpoint.play(day_of(day, wrong=wrong))
    judge(here, JUDGED)
    red = Window.of_day("2024-03-04")
    register(train(NAME, red, here.deployment), red, here.deployment, AT, f"retrain__{NAME}__2024-03-04")
    return here


def judge(here: Place, days: Iterable[str]) -> None:
    """Run all stages of days, in this order, with mail."""
    for day in days:
        _, verdict = here.run(day, mail_at=AT)
        assert verdict.state is JUDGED[day]


def trainings(rows: dict[str, Any], day: str) -> list[tuple[bool, str]]:
    """Return for each revision of a window whether training is wanted, and as which run; the wanted ones first."""
    of_day = (row for row in rows["retraining"] if row["window_start"].startswith(day))
    return sorted(((row["decision"] != "no", row["run_id"]) for row in of_day), reverse=True)


def revisions(here: Place) -> dict[str, list[str]]:
    """Return the revisions of each window, in the order in which they were recorded."""
    runs = sorted(dump(here.deployment.warehouse_url)["window_run"], key=lambda row: row["sequence"])
    return {day: [row["revision"] for row in runs if row["window_start"].startswith(day)] for day in JUDGED}


def test_new_revisions_with_the_same_verdicts_send_no_mail_and_train_nothing(
    judged: Place, inbox: Any
) -> None:
    ids = [email.message_from_bytes(one.content)["Message-ID"] for one in inbox.envelopes]
    assert [one.split("@")[0].split(".")[-1] for one in ids] == ["first", "change", "change"]

    # Another configuration of the drift: a part of every revision, and of no verdict here.
    write_model(judged.deployment.models, drift__drawing_rows=110)
    judge(judged, reversed(JUDGED))
    # Another baseline: more rows of the same days.
    more = [replace(one, event_id=f"more-{one.event_id}") for one in day_of(BASELINE_DAYS[0], rows=5)]
    judged.endpoint.capture(more, name="more")
    make_baseline(judged)
    judge(judged, ("2024-03-05", "2024-03-03", "2024-03-06", "2024-03-04"))

    assert {day: len(set(found)) for day, found in revisions(judged).items()} == dict.fromkeys(JUDGED, 3)
    assert len(inbox.envelopes) == len(ids)
    rows = dump(judged.deployment.warehouse_url)
    assert [row["kind"] for row in rows["notification"] if row["sent_at"] is None] == ["unchanged"] * 9
    assert trainings(rows, "2024-03-04") == [(True, f"retrain__{NAME}__2024-03-04"), (False, ""), (False, "")]
    # The first decision came while the training of the day before was running. Airflow knows a run by its id,
    # which no revision changes.
    assert trainings(rows, "2024-03-05") == [
        *[(True, f"retrain__{NAME}__2024-03-05")] * 2,
        (False, ""),
    ]
