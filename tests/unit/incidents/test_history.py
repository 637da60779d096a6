"""The incidents of windows in a row, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from daywatch.incidents.history import incidents_of
from daywatch.incidents.names import incident_id, parts_of
from daywatch.incidents.types import Act, EventKind, Incident, SeenCause, SeenWindow
from daywatch.results import State
from daywatch.verdicts import CauseKind

FIRST = datetime(2024, 3, 1, tzinfo=UTC)
STATES = {"R": State.RED, "A": State.AMBER, "?": State.GREY}


def day(number: int) -> datetime:
    return FIRST + timedelta(days=number)


def cause(
    state: State,
    column: str = "a",
    parent: str = "",
    kind: CauseKind = CauseKind.DATA,
    name: str = "missing_values",
) -> SeenCause:
    sentence = f"{column} is {state}"
    return SeenCause(f"{kind}|{name}|{column}", kind, name, column, "", state, sentence, parent)


def fall(parent: str = "") -> SeenCause:
    """Return a fall of performance."""
    return cause(State.RED, "", parent, CauseKind.WORLD, "performance_fall")


def drift(column: str, parent: str = "") -> SeenCause:
    return cause(State.AMBER, column, parent, CauseKind.WORLD, "drift")


def windows(letters: str) -> list[SeenWindow]:
    """Return a day for each letter: Red, Amber, . for none, ? for no evidence."""
    return [
        SeenWindow(
            day(number),
            (cause(STATES[letter]),) if letter in "RA" else (),
            frozenset({"*"}) if letter == "?" else frozenset(),
        )
        for number, letter in enumerate(letters)
    ]


def read(letters: str, *acts: Act, within: int = 2) -> list[Incident]:
    return incidents_of("shop", "s3://data/captures", windows(letters), acts, within)


def shown(incident: Incident) -> str:
    """Return the events as text, such as ``opened 0, closed 2``."""
    return ", ".join(f"{event.kind} {(event.window - FIRST).days}" for event in incident.events)


def act(kind: EventKind, on: int, key: str, **more: Any) -> Act:
    return Act(event_id=f"{kind}{on}", kind=kind, key=key, window=day(on), author="kim", at=day(40), **more)


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ("", []),
        ("...", []),
        ("R", ["opened 0"]),
        (".AARRA.", ["opened 1, worsened 3, improved 5, closed 6"]),
        ("R.R", ["opened 0, closed 1, reopened 2"]),
        ("R..R.", ["opened 0, closed 1, reopened 3, closed 4"]),
        ("R...R", ["opened 0, closed 1", "opened 4"]),
        ("R??R", ["opened 0"]),
        ("R???.", ["opened 0, closed 4"]),
        ("?R", ["opened 1"]),
        ("R.??R", ["opened 0, closed 1", "opened 4"]),
    ],
)
def test_windows_in_a_row(letters: str, expected: list[str]) -> None:
    assert [shown(one) for one in read(letters)] == expected


def test_an_incident_counts_its_windows() -> None:
    (one,) = read(".A?RA.A")

    assert (one.windows, one.reopenings, one.is_open) == (4, 1, True)
    assert (one.state, one.worst) == (State.AMBER, State.RED)
    assert (one.first_window, one.last_window, one.closed_window) == (day(1), day(6), None)
    assert one.incident_id.endswith("-2024-03-02")
    assert one.sentence == "a is AMBER"


def test_what_people_did_belongs_to_the_incident_of_that_day() -> None:
    key = read("R")[0].key
    first, second = read(
        "RR...R",
        act(EventKind.ACKNOWLEDGED, 1, key),
        act(EventKind.COMMENTED, 5, key, note="again"),
        within=0,
    )

    assert (first.acknowledged_by, first.acts) == ("kim", ("acknowledged1",))
    assert (second.acknowledged_by, second.acts) == ("", ("commented5",))


def test_an_acknowledgement_ends_when_the_cause_comes_back() -> None:
    key = read("R")[0].key

    assert read("RR.", act(EventKind.ACKNOWLEDGED, 0, key))[0].acknowledged_by == "kim"
    assert read("RR.R", act(EventKind.ACKNOWLEDGED, 0, key))[0].acknowledged_by == ""
    assert read("RR.R", act(EventKind.ACKNOWLEDGED, 3, key))[0].acknowledged_by == "kim"


def test_a_cause_that_stays_reopens_what_a_person_closed() -> None:
    key = read("R")[0].key
    (one,) = read("RR", act(EventKind.CLOSED_BY_HAND, 1, key))
    (again,) = read("RRR", act(EventKind.CLOSED_BY_HAND, 1, key))

    assert (one.is_open, one.closed_window, shown(one)) == (False, day(1), "opened 0")
    assert (again.is_open, shown(again)) == (True, "opened 0, reopened 2")


def test_an_act_on_a_window_that_is_not_bad_any_more_is_about_nothing() -> None:
    key = read("R")[0].key

    assert [one.acts for one in read("...", act(EventKind.ACKNOWLEDGED, 0, key))] == []
    assert [one.acknowledged_by for one in read("..R", act(EventKind.ACKNOWLEDGED, 0, key))] == [""]


def test_several_causes_are_several_incidents_under_the_one_that_explains_them() -> None:
    missing = cause(State.AMBER, "amount")
    dependents = [fall(missing.fingerprint), drift("country", missing.fingerprint)]
    later = drift("humid")
    days = [
        SeenWindow(day(0), (later,), frozenset()),
        SeenWindow(day(1), (missing, *dependents, later), frozenset()),
        SeenWindow(day(2), (dependents[0],), frozenset()),
    ]
    found = {(one.kind, one.column): one for one in incidents_of("shop", "feed", days, (), 7)}

    parent = found["data", "amount"].incident_id
    assert {name: one.parent_id for name, one in found.items()} == {
        ("world", "humid"): "",
        ("data", "amount"): "",
        ("world", ""): parent,
        ("world", "country"): parent,
    }
    assert found["world", ""].is_open
    assert not found["data", "amount"].is_open


@pytest.mark.parametrize(
    ("unknown", "open_causes"),
    [
        ("labels", {"performance_fall"}),
        ("world|", {"performance_fall"}),
        ("data|amount", {"missing_values"}),
        ("data|b", set()),
        ("*", {"performance_fall", "missing_values"}),
    ],
)
def test_what_a_window_cannot_show_it_does_not_close(unknown: str, open_causes: set[str]) -> None:
    days = [
        SeenWindow(day(0), (fall(), cause(State.RED, "amount")), frozenset()),
        SeenWindow(day(1), (), frozenset({unknown})),
    ]

    assert {one.name for one in incidents_of("shop", "feed", days, (), 7) if one.is_open} == open_causes


def test_models_of_one_feed_share_the_faults_of_its_columns_alone() -> None:
    days = [SeenWindow(day(0), (cause(State.RED), fall()), frozenset())]

    def ids(model: str, feed: str) -> dict[str, str]:
        return {one.kind: one.incident_id for one in incidents_of(model, feed, days, (), 7)}

    one, two, other = ids("shop", "s3://a"), ids("bank", "s3://a"), ids("shop", "s3://b")
    assert one["data"] == two["data"] != other["data"]
    assert one["world"] != two["world"]
    assert one["world"] == other["world"]


def test_the_id_of_an_incident_says_when_its_first_window_starts() -> None:
    day, hour = datetime(2024, 3, 10, tzinfo=UTC), datetime(2024, 3, 10, 23, tzinfo=UTC)

    assert incident_id("0123456789ab", day) == "0123456789ab-2024-03-10"
    assert incident_id("0123456789ab", hour) == "0123456789ab-2024-03-10T2300"
    for start in (day, hour):
        assert parts_of(incident_id("0123456789ab", start)) == ("0123456789ab", start)
