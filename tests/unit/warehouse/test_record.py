"""Recording a window: once, again, newer, older, side by side, and not at all."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import models
import pytest
import sqlalchemy as sa
from daywatch.results import State
from daywatch.verdicts import Verdict
from daywatch.warehouse import record as recording
from daywatch.warehouse import tables
from daywatch.warehouse.database import transaction
from daywatch.warehouse.record import insert_if_new, record_window, window_key
from daywatch.warehouse.window_results import WindowResults
from daywatch.window import Window
from rows import WINDOW_RESULTS, dump

Results = Callable[..., WindowResults]


def store(url: str, results: WindowResults) -> bool:
    with transaction(url) as connection:
        return record_window(connection, results)


def current(url: str) -> list[tuple[str, str]]:
    """Return day and revision of the current verdicts."""
    return [
        (str(row["window_start"])[:10], row["revision"])
        for row in sorted(dump(url)["current_verdict"], key=lambda row: str(row["window_start"]))
    ]


def test_twice_changes_nothing(url: str, results: Results) -> None:
    """Not a row, not even the timestamp of recording."""
    assert store(url, results()) is True
    first = dump(url)

    assert store(url, results()) is False

    assert dump(url) == first
    assert len(first["metric_value"]) == 7
    assert first["window_run"][0]["recorded_at"]


def test_a_new_revision_is_current_and_the_old_one_stays(url: str, results: Results) -> None:
    store(url, results("r1"))
    old = dump(url, views=False)
    store(url, results("r2"))
    both = dump(url, views=False)

    assert current(url) == [("2024-03-03", "r2")]
    for table in WINDOW_RESULTS:
        kept = [row for row in both[table.name] if row["revision"] == "r1"]
        assert kept == old[table.name], table.name
        assert len(both[table.name]) == 2 * len(kept)


def test_going_back_to_an_older_revision_makes_it_current(url: str, results: Results) -> None:
    store(url, results("r1"))
    store(url, results("r2"))

    assert store(url, results("r1")) is True
    assert current(url) == [("2024-03-03", "r1")]
    assert store(url, results("r1")) is False
    assert len(dump(url)["verdict"]) == 2

    store(url, results("r3"))
    assert current(url) == [("2024-03-03", "r3")]


def test_days_and_models_do_not_touch_each_other(url: str, results: Results) -> None:
    other = models.model(model="other")
    store(url, results("r1", "2024-03-04"))
    store(url, results("r1", "2024-03-03"))
    store(url, results("r9", model=other))
    store(url, results("r8", window=Window.between("2024-03-03", "2024-03-04")))

    rows = dump(url)["current_verdict"]

    assert sorted((row["model"], row["revision"]) for row in rows) == [
        ("other", "r9"),
        ("shop", "r1"),
        ("shop", "r1"),
        ("shop", "r8"),
    ]


def test_a_failure_in_the_middle_leaves_nothing(
    url: str, results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(url, results("r1"))
    before = dump(url)
    original = recording.result_rows

    def ending(given: WindowResults) -> Any:
        for n, pair in enumerate(original(given)):
            if n == 4:
                message = "the worker was killed"
                raise RuntimeError(message)
            yield pair

    monkeypatch.setattr(recording, "result_rows", ending)
    with pytest.raises(RuntimeError, match="killed"):
        store(url, results("r2"))

    assert dump(url) == before


@pytest.mark.parametrize("same", [True, False])
def test_two_at_once(url: str, results: Results, same: bool) -> None:
    """Two workers record the same window; each table then has one set of rows a revision."""
    revisions = ["r1", "r1"] if same else ["r1", "r2"]
    together = threading.Barrier(2)
    answers: list[Any] = []

    def work(revision: str) -> None:
        try:
            with transaction(url) as connection:
                together.wait(10)
                answers.append(record_window(connection, results(revision)))
        except BaseException as error:
            answers.append(error)

    threads = [threading.Thread(target=work, args=(revision,)) for revision in revisions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(answers, key=str) == ([False, True] if same else [True, True])
    rows = dump(url)
    assert len(rows["verdict"]) == len(set(revisions))
    assert sorted(row["sequence"] for row in rows["window_run"]) == list(range(1, len(set(revisions)) + 1))
    assert len(rows["current_verdict"]) == 1


def test_the_models_row_follows_its_configuration(url: str, results: Results) -> None:
    store(url, results("r1"))
    store(url, results("r1", model=models.model(owner="others", tier=1)))

    ((row),) = dump(url)["model"]

    assert (row["owner"], row["tier"], row["namespace"]) == ("others", 1, "/test/shop")


def test_insert_if_new_says_whether_it_was(url: str) -> None:
    row = {
        **window_key("m", Window.of_day("2024-03-03"), "r"),
        "stage": "export",
        "seconds": 1.0,
        "counts": {},
    }
    with transaction(url) as connection:
        assert insert_if_new(connection, tables.stage_run, row) is True
        assert insert_if_new(connection, tables.stage_run, {**row, "seconds": 2.0}) is False
        assert connection.execute(sa.select(tables.stage_run.c.seconds)).scalars().all() == [1.0]


def test_a_window_without_any_data_is_stored(url: str, results: Results) -> None:
    empty = results().counts.model_copy(update={"records": 0, "rows": 0, "labelled": 0, "reasons": {}})
    profile = results().profile.model_copy(update={"rows": 0, "columns": ()})
    verdict = Verdict(state=State.GREY, reasons=("no captures under s3://x",), short="no captures", rules=())
    given = replace(
        results(), counts=empty, profile=profile, metrics=(), findings=(), expectations=(), verdict=verdict
    )

    store(url, given)

    rows = dump(url)
    assert [row["state"] for row in rows["current_verdict"]] == ["GREY"]
    assert rows["label_coverage"][0]["share"] is None
    assert rows["metric_value"] == []
