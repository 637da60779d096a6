"""Late evidence: what is judged again, what it is compared with, when a mail is sent and when none is."""

from __future__ import annotations

import email
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from captures import Inference, day_of
from daywatch.config.deployment.connections import Connection
from daywatch.results import State
from daywatch.run import WindowRun
from daywatch.stages.reevaluate import late_windows
from daywatch.verdicts import Verdict
from daywatch.warehouse.database import transaction
from daywatch.warehouse.history import judged_windows
from models import NAME
from places import Place, make_baseline, make_place
from rows import dump

DAYS = ("2024-03-03", "2024-03-04", "2024-03-05")
AT = datetime(2024, 3, 6, 6, tzinfo=UTC)
MINIMUM = {"rows": 20, "labels": 10, "label_share": 0.8}


class Inbox:
    """Subjects of the mails that came."""

    def __init__(self) -> None:
        self.subjects: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.subjects.append(email.message_from_bytes(envelope.content, policy=default)["Subject"])
        return "250 OK"

    def taken(self) -> list[str]:
        """Return the states of the mails since the last call."""
        found, self.subjects = [one[1 : one.index("]")] for one in self.subjects], []
        return found


@dataclass
class Watch:
    """A place with a mailbox."""

    place: Place
    inbox: Inbox

    def judge(self, day: str, **options: Any) -> tuple[WindowRun, Verdict]:
        return self.place.run(day, mail_at=AT, **options)

    def late(self, as_of: str) -> list[str]:
        """Judge what is late, and return its windows."""
        found = late_windows(NAME, date.fromisoformat(as_of), self.place.deployment)
        for one in found:
            self.judge(one.window)
        return [one.window for one in found]

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        return dump(self.place.deployment.warehouse_url)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    shutil.copyfile(sqlite_template, folder / "warehouse.sqlite")
    make_baseline(make_place(folder))
    return folder


@pytest.fixture
def watch(prepared: Path, tmp_path: Path, unused_port: int) -> Any:
    inbox = Inbox()
    server = Controller(inbox, hostname="127.0.0.1", port=unused_port)
    server.start()
    shutil.copytree(prepared, tmp_path / "place")
    place = make_place(tmp_path / "place", plan__minimum=MINIMUM, labels__delay_days=3)
    smtp = Connection(
        conn_type="smtp",
        host="127.0.0.1",
        port=unused_port,
        extra={"from_email": "a@b.c", "disable_ssl": True, "disable_tls": True, "timeout": 5},
    )
    yield Watch(replace(place, deployment=replace(place.deployment, smtp=smtp)), inbox)
    server.stop()


def some(inferences: list[Inference], share: float) -> list[Inference]:
    return inferences[: round(len(inferences) * share)]


@pytest.mark.parametrize(("wrong", "state", "mails"), [(0.05, State.GREEN, []), (0.5, State.RED, ["RED"])])
def test_a_day_whose_labels_come_late(watch: Watch, wrong: float, state: State, mails: list[str]) -> None:
    """30 % of the labels: GREY. All of them: judged again, with a mail only where it is bad. Then nothing new."""
    inferences = day_of(DAYS[0], wrong=wrong)
    watch.place.endpoint.capture(inferences)
    watch.place.endpoint.label(some(inferences, 0.3))
    early, grey = watch.judge(DAYS[0])
    assert (grey.state, watch.inbox.taken()) == (State.GREY, ["GREY"])
    assert grey.reasons[0] == (
        "ROC AUC is not judged: labels 30 % mature, the plan's minimum is 80 %; "
        "no earlier window shows when to expect that"
    )
    assert watch.late(DAYS[0]) == []

    watch.place.endpoint.label(inferences, name="late")
    assert watch.late(DAYS[1]) == [DAYS[0]]

    rows = watch.rows()
    assert [row["state"] for row in rows["current_verdict"]] == [state]
    assert [
        row["state"] for row in sorted(rows["verdict"], key=lambda row: row["revision"] != early.revision)
    ] == [
        "GREY",
        state,
    ]
    assert watch.inbox.taken() == mails
    assert {row["kind"] for row in rows["notification"]} == {"first", "worse" if mails else "better"}

    assert watch.late(DAYS[2]) == []
    assert watch.inbox.taken() == []
    assert watch.rows() == rows


def test_another_days_labels_are_no_evidence(watch: Watch) -> None:
    """They are stored in the same folders, so the window is judged again; the revision is the same, and once is enough."""
    watch.place.endpoint.play(day_of(DAYS[0]))
    run, _ = watch.judge(DAYS[0])
    watch.inbox.taken()
    watch.place.endpoint.play(day_of(DAYS[1]))

    assert watch.late(DAYS[0]) == [DAYS[0]]

    rows = watch.rows()
    assert [row["revision"] for row in rows["window_run"]] == [run.revision]
    (coverage,) = rows["label_coverage"]
    assert coverage["known_until"] == "2024-03-05"  # the last label of the next day comes after midnight
    assert coverage["share_by_day"][0] < 1
    assert coverage["share_by_day"][1:] == [1, 1]
    assert watch.inbox.taken() == []
    assert watch.late(DAYS[0]) == []


def test_late_captures_count_too_and_the_horizon_ends(watch: Watch) -> None:
    inferences = day_of(DAYS[0])
    watch.place.endpoint.play(some(inferences, 0.9))
    watch.judge(DAYS[0])
    watch.place.endpoint.capture(inferences[-6:], name="redelivered")

    assert late_windows(NAME, date(2024, 3, 7), watch.place.deployment) == []  # four days later
    (late,) = late_windows(NAME, date(2024, 3, 6), watch.place.deployment)
    assert late.run_id == f"reevaluate__{DAYS[0]}__{late.evidence_listing}"
    watch.judge(late.window)

    assert [row["records"] for row in watch.rows()["current_window"]] == [60]


def test_the_next_window_is_compared_with_what_is_known_now(watch: Watch) -> None:
    first, second = day_of(DAYS[0], wrong=0.5), day_of(DAYS[1], wrong=0.5)
    for inferences in (first, second):
        watch.place.endpoint.capture(inferences)
    watch.judge(DAYS[0])
    watch.place.endpoint.label(first)
    assert watch.late(DAYS[0]) == [DAYS[0]]
    watch.inbox.taken()

    watch.place.endpoint.label(second)
    run, verdict = watch.judge(DAYS[1])

    assert verdict.state is State.RED
    text = watch.place.files()[run.folder.report_text].decode()
    assert "RED since 2024-03-03, 2 windows in a row." in text
    assert watch.inbox.taken() == ["RED"]


def test_labels_that_are_not_mature_say_when_they_will_be(watch: Watch) -> None:
    """Two windows whose labels came by the next day tell when those of the third are expected."""
    for day in DAYS[:2]:
        watch.place.endpoint.play(day_of(day))
        watch.judge(day)
    inferences = day_of(DAYS[2])
    watch.place.endpoint.capture(inferences)
    watch.place.endpoint.label(some(inferences, 0.34))

    _, verdict = watch.judge(DAYS[2])

    curve = {(row["window_start"][:10], row["age_days"]): row["share"] for row in watch.rows()["label_curve"]}
    assert curve[DAYS[0], 0] == pytest.approx(58 / 60)
    assert verdict.reasons[0] == (
        "ROC AUC is not judged: labels 33 % mature, expected 96 % by 5 March; the plan's minimum is 80 %"
    )
    assert verdict.short == "labels 33 % mature"


def test_a_day_is_judged_as_it_was_known(watch: Watch) -> None:
    inferences = day_of(DAYS[0])
    watch.place.endpoint.capture(inferences)
    watch.place.endpoint.label(some(inferences, 0.3))
    early, then = watch.judge(DAYS[0])
    later = [replace(one, at=one.at.replace(day=5)) for one in inferences]
    watch.place.endpoint.label(later, name="late")

    now_run, now = watch.judge(DAYS[0])
    again, known = watch.judge(DAYS[0], known_on=date(2024, 3, 4))

    assert (then.state, now.state, known) == (State.GREY, State.GREEN, then)
    assert (again.revision, again.known_until) == (early.revision, "2024-03-03")
    assert now_run.known_until == "2024-03-06"


def test_verdicts_as_known_on_a_day(watch: Watch) -> None:
    inferences = day_of(DAYS[0])
    watch.place.endpoint.capture(inferences)
    watch.judge(DAYS[0])
    watch.place.endpoint.label(inferences)
    watch.judge(DAYS[0])
    url = watch.place.deployment.warehouse_url
    with transaction(url) as connection:
        moved = "UPDATE window_run SET recorded_at = '2024-03-0' || (3 + sequence) || ' 06:00:00.000000'"
        connection.execute(sa.text(moved))

        def known(day: str) -> list[State]:
            found = judged_windows(connection, NAME, known_on=date.fromisoformat(day))
            return [one.state for one in found]

        assert known("2024-03-03") == []
        assert known("2024-03-04") == [State.GREY]
        assert known("2024-03-05") == known("2024-04-01") == [State.GREEN]
