"""The views by namespace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import models
import pytest
from daywatch.results import State
from daywatch.warehouse.database import transaction
from daywatch.warehouse.record import record_window
from daywatch.warehouse.window_results import WindowResults
from rows import dump

Results = Callable[..., WindowResults]
GREEN, AMBER, RED, GREY = State.GREEN, State.AMBER, State.RED, State.GREY
DAY = "2024-03-03"


def store(
    url: str, results: Results, name: str, namespace: str, state: State, revision: str = "r", day: str = DAY
) -> None:
    given = results(revision, day, model=models.model(model=name, namespace=namespace))
    with transaction(url) as connection:
        record_window(connection, replace(given, verdict=given.verdict.model_copy(update={"state": state})))


def by_namespace(url: str, day: str = DAY) -> dict[str, tuple[str, int, int, int, int, int]]:
    return {
        row["namespace"]: tuple(row[name] for name in ("state", "models", "red", "amber", "grey", "green"))
        for row in dump(url)["namespace_verdict"]
        if str(row["window_start"]).startswith(day)
    }  # type: ignore[misc]


def test_each_level_has_its_worst_state_and_its_counts(url: str, results: Results) -> None:
    store(url, results, "house", "/abc/claim", AMBER)
    store(url, results, "car", "/abc/claim/motor", GREEN)
    store(url, results, "truck", "/abc/claim/motor", GREY)
    store(url, results, "price", "/abc/price", RED)
    store(url, results, "price", "/abc/price", GREEN, "newer")
    store(url, results, "other", "/abc2", RED)
    store(url, results, "later", "/abc/claim", RED, day="2024-03-04")

    assert by_namespace(url) == {
        "/abc": ("AMBER", 4, 0, 1, 1, 2),
        "/abc/claim": ("AMBER", 3, 0, 1, 1, 1),
        "/abc/claim/motor": ("GREY", 2, 0, 0, 1, 1),
        "/abc/price": ("GREEN", 1, 0, 0, 0, 1),
        "/abc2": ("RED", 1, 1, 0, 0, 0),
    }
    assert by_namespace(url, "2024-03-04") == {
        "/abc": ("RED", 1, 1, 0, 0, 0),
        "/abc/claim": ("RED", 1, 1, 0, 0, 0),
    }


@pytest.mark.parametrize("namespace", ["/a/a/a", "/ab/ba", "/a-b_c/0", "/x/xx/x"])
def test_names_made_of_the_same_letters(url: str, results: Results, namespace: str) -> None:
    store(url, results, "one", namespace, RED)

    parts = namespace.split("/")[1:]
    assert set(by_namespace(url)) == {"/" + "/".join(parts[: n + 1]) for n in range(len(parts))}


def test_the_current_verdict_knows_its_namespace_and_follows_a_move(url: str, results: Results) -> None:
    store(url, results, "one", "/old", RED)
    store(url, results, "one", "/new/home", GREEN, day="2024-03-04")

    assert {row["namespace"] for row in dump(url)["current_verdict"]} == {"/new/home"}
