"""The stage: a mail once, whatever is tried again; at least once, whatever crashes."""

from __future__ import annotations

import email
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from daywatch.config.deployment.connections import Connection
from daywatch.config.deployment.deployment import Deployment
from daywatch.errors import InfrastructureError, SetupError
from daywatch.notify.message import compose
from daywatch.report.content import Report, ReportCounts
from daywatch.report.render import RenderedReport, render
from daywatch.results import State
from daywatch.run import WindowRun
from daywatch.stages import notify as stage
from daywatch.stages.notify import notify
from daywatch.storage import open_storage
from daywatch.verdicts import Verdict
from daywatch.warehouse.notifications import claim
from daywatch.warehouse.record import window_key
from places import Place
from pydantic import SecretStr
from rows import dump

RUN = WindowRun(
    model="shop",
    start="2024-03-03T00:00:00+00:00",
    end="2024-03-04T00:00:00+00:00",
    revision="r1",
    baseline_id="b",
)
AT = datetime(2024, 3, 4, 6, tzinfo=UTC)

Inbox = Any


@pytest.fixture
def reported(place: Callable[..., Place]) -> Callable[..., Deployment]:
    """Return a function that makes a place with a stored report."""
    here = place(contacts=["team@example.com", "nobody@example.com"])

    def make(
        connection: Any, state: State = State.RED, previous: State | None = None, run: WindowRun = RUN
    ) -> Deployment:
        report = Report(
            model="shop",
            namespace="/test/shop",
            owner="team",
            tier=2,
            description="d",
            task="binary_classification",
            window=run.window.key,
            revision=run.revision,
            verdict=Verdict(state=state, reasons=("because",), short="b", rules=()),
            previous_state=previous,
            since=run.window.key,
            windows_in_state=1,
            counts=ReportCounts(records=1, rows=1, quarantined=0, unanswered=0, labelled=1),
        )
        deployment = replace(here.deployment, smtp=connection)
        storage = open_storage(deployment.artifacts_uri, deployment)
        storage.write(run.folder.report, report.model_dump_json().encode())
        storage.write(run.folder.mail, render(report).model_dump_json().encode())
        return deployment

    return make


def connection(inbox: Inbox) -> Any:
    return inbox.connection(from_email="daywatch@example.com")


def ids(inbox: Inbox) -> list[str]:
    return [email.message_from_bytes(envelope.content)["Message-ID"] for envelope in inbox.envelopes]


def test_a_mail_is_sent_once(reported: Callable[..., Deployment], start: Callable[..., Inbox]) -> None:
    inbox = start()
    deployment = reported(connection(inbox))

    first = notify(RUN, [], deployment, AT)
    rows = dump(deployment.warehouse_url)
    notify(RUN, [], deployment, AT)

    assert ids(inbox) == ["<shop.2024-03-03.r1.first@daywatch>"]
    assert first.stage == "notify"
    assert dump(deployment.warehouse_url) == rows
    ((stored),) = rows["notification"]
    assert stored["recipients"] == ["team@example.com"]
    assert list(stored["refused"]) == ["nobody@example.com"]
    assert (stored["state"], stored["kind"]) == ("RED", "first")
    assert stored["sent_at"] == AT.isoformat()


def test_what_is_mailed_is_what_was_rendered(
    reported: Callable[..., Deployment], start: Callable[..., Inbox]
) -> None:
    """The stage ``report`` renders; the mail goes out as it was stored, byte for byte."""
    inbox = start()
    deployment = reported(connection(inbox))
    storage = open_storage(deployment.artifacts_uri, deployment)
    rendered = RenderedReport.model_validate_json(storage.read(RUN.folder.mail))
    stored = rendered.model_copy(update={"text": "rendered once\n"})
    storage.write(RUN.folder.mail, stored.model_dump_json().encode())

    notify(RUN, [], deployment, AT)

    (envelope,) = inbox.envelopes
    contacts = ["team@example.com", "nobody@example.com"]
    mail = compose(stored, contacts, "daywatch@example.com", "<shop.2024-03-03.r1.first@daywatch>", AT)
    assert envelope.content == mail.as_bytes()


def test_a_crash_between_sending_and_storing_sends_the_same_mail_again(
    reported: Callable[..., Deployment], start: Callable[..., Inbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = start()
    deployment = reported(connection(inbox))
    with monkeypatch.context() as patched:

        def crash(*_: Any) -> None:
            message = "killed"
            raise KeyboardInterrupt(message)

        patched.setattr(stage, "_remember", crash)
        with pytest.raises(KeyboardInterrupt, match="killed"):
            notify(RUN, [], deployment, AT)
    assert [row["sent_at"] for row in dump(deployment.warehouse_url)["notification"]] == [None]

    notify(RUN, [], deployment, AT)
    notify(RUN, [], deployment, AT)

    assert len(ids(inbox)) == 2
    assert len(set(ids(inbox))) == 1
    assert inbox.envelopes[0].content == inbox.envelopes[1].content


def test_what_went_wrong_with_each_receiver_is_said_and_tried_again_where_that_helps(
    place: Callable[..., Place], reported: Callable[..., Deployment], unused_port: int
) -> None:
    receivers = {name: {"type": "apprise", "connection": name} for name in ("nowhere", "pager")}
    alerts = {"receivers": receivers, "routes": [{"to": ["nowhere", "pager", "contacts"]}]}
    pager = Connection(conn_type="http", password=SecretStr(f"json://127.0.0.1:{unused_port}"))
    here = replace(
        reported(None),
        models=place("routed", alerts=alerts).deployment.models,
        connections=lambda name: pager if name == "pager" else None,
    )

    with pytest.raises(InfrastructureError) as error:
        notify(RUN, [], here, AT)

    for sentence in ("no Airflow connection 'nowhere'", "connection 'pager' did not take", "'daywatch_smtp'"):
        assert sentence in str(error.value)


def test_a_server_that_is_away_leaves_the_mail_to_be_sent(
    reported: Callable[..., Deployment], start: Callable[..., Inbox], unused_port: int
) -> None:
    inbox = start()
    there = connection(inbox)
    deployment = reported(there.model_copy(update={"port": unused_port}))

    with pytest.raises(InfrastructureError, match=f"127.0.0.1:{unused_port} did not take the mail"):
        notify(RUN, [], deployment, AT)
    assert [row["sent_at"] for row in dump(deployment.warehouse_url)["notification"]] == [None]

    notify(RUN, [], replace(deployment, smtp=there), AT)
    assert len(ids(inbox)) == 1


def test_a_refused_sender_leaves_the_mail_to_be_sent_once_somebody_corrected_it(
    reported: Callable[..., Deployment], start: Callable[..., Inbox]
) -> None:
    inbox = start()
    inbox.replies["MAIL"] = "550 not allowed"
    deployment = reported(connection(inbox))

    with pytest.raises(SetupError, match="refused the sender daywatch@example.com: 550 not allowed"):
        notify(RUN, [], deployment, AT)
    assert [row["sent_at"] for row in dump(deployment.warehouse_url)["notification"]] == [None]

    inbox.replies.clear()
    notify(RUN, [], deployment, AT)
    notify(RUN, [], deployment, AT)
    assert len(ids(inbox)) == 1


@pytest.mark.parametrize(
    ("state", "previous", "kind"),
    [
        (State.GREEN, None, "first"),
        (State.GREEN, State.RED, "change"),
        (State.RED, State.RED, None),
        (State.GREEN, State.GREEN, None),
        (State.GREY, State.GREY, None),
    ],
)
def test_on_change_and_on_red(
    reported: Callable[..., Deployment],
    start: Callable[..., Inbox],
    state: State,
    previous: State | None,
    kind: str | None,
) -> None:
    inbox = start()
    deployment = reported(connection(inbox), state, previous)

    notify(RUN, [], deployment, AT)

    assert ids(inbox) == ([f"<shop.2024-03-03.r1.{kind}@daywatch>"] if kind else [])
    (stored,) = dump(deployment.warehouse_url)["notification"]
    assert (stored["kind"], stored["sent_at"] is not None) == (kind or "unchanged", kind is not None)
    assert len(dump(deployment.warehouse_url)["stage_run"]) == 1


def test_what_was_decided_once_is_not_decided_again(
    reported: Callable[..., Deployment], start: Callable[..., Inbox]
) -> None:
    inbox = start()
    deployment = reported(connection(inbox), State.GREEN, State.GREEN)
    notify(RUN, [], deployment, AT)

    # The day before was judged side by side and is known only now.
    later = reported(connection(inbox), State.GREEN, State.RED)
    notify(RUN, [], later, AT)

    assert ids(inbox) == []


def test_a_mail_to_send_needs_a_connection(reported: Callable[..., Deployment]) -> None:
    deployment = reported(None)

    with pytest.raises(
        SetupError, match="The mail cannot be sent: create the Airflow connection 'daywatch_smtp'"
    ):
        notify(RUN, [], deployment, AT)

    assert [row["sent_at"] for row in dump(deployment.warehouse_url)["notification"]] == [None]


def test_a_day_without_a_mail_needs_no_connection(reported: Callable[..., Deployment]) -> None:
    deployment = reported(None, State.GREEN, State.GREEN)

    assert notify(RUN, [], deployment, AT).stage == "notify"


def test_a_connection_without_a_sender(
    reported: Callable[..., Deployment], start: Callable[..., Inbox]
) -> None:
    with pytest.raises(SetupError, match="'daywatch_smtp' names no sender: set 'from_email' in its extra"):
        notify(RUN, [], reported(start().connection()), AT)


def test_a_warehouse_that_is_locked_for_good_is_worth_a_retry(
    reported: Callable[..., Deployment], start: Callable[..., Inbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent before the decision is stored; the next try sends it."""
    import sqlalchemy as sa

    inbox = start()
    deployment = reported(connection(inbox))
    file = str(sa.make_url(deployment.warehouse_url).database)
    monkeypatch.setattr(
        "daywatch.warehouse.database.connect",
        lambda url: sa.create_engine(url, connect_args={"timeout": 0.1}),
    )
    lock = sqlite3.connect(file)
    lock.execute("BEGIN IMMEDIATE")
    with pytest.raises(InfrastructureError, match="did not answer: database is locked"):
        notify(RUN, [], deployment, AT)
    lock.close()

    notify(RUN, [], deployment, AT)

    assert len(ids(inbox)) == 1


def test_who_is_refused_for_the_moment_gets_the_mail_on_the_retry_alone(
    reported: Callable[..., Deployment], start: Callable[..., Inbox]
) -> None:
    inbox = start()
    deployment = contacts_of(
        reported(connection(inbox)), "team@example.com", "busy@example.com", "nobody@example.com"
    )

    with pytest.raises(
        InfrastructureError, match=r"refused busy@example.com \(450 .*the others have the mail"
    ):
        notify(RUN, [], deployment, AT)
    (stored,) = dump(deployment.warehouse_url)["notification"]
    assert stored["recipients"] == ["team@example.com"]
    assert stored["claimed_until"] is None
    inbox.busy = False
    notify(RUN, [], deployment, AT)
    notify(RUN, [], deployment, AT)

    assert [one.rcpt_tos for one in inbox.envelopes] == [["team@example.com"], ["busy@example.com"]]
    assert inbox.envelopes[0].content == inbox.envelopes[1].content
    (stored,) = dump(deployment.warehouse_url)["notification"]
    assert stored["recipients"] == ["team@example.com", "busy@example.com"]
    assert list(stored["refused"]) == ["nobody@example.com"]


def test_who_is_refused_for_good_on_the_retry_is_an_outcome(
    reported: Callable[..., Deployment], start: Callable[..., Inbox]
) -> None:
    inbox = start()
    deployment = contacts_of(reported(connection(inbox)), "team@example.com", "busy@example.com")
    with pytest.raises(InfrastructureError):
        notify(RUN, [], deployment, AT)

    inbox.replies["busy"] = "550 gone"
    notify(RUN, [], deployment, AT)

    assert [one.rcpt_tos for one in inbox.envelopes] == [["team@example.com"]]
    assert dump(deployment.warehouse_url)["notification"][0]["refused"] == {"busy@example.com": "550 gone"}


def test_a_claim_that_expired_is_taken_over(
    reported: Callable[..., Deployment], start: Callable[..., Inbox]
) -> None:
    """A run that was killed while it sent: the next one sends, once the claim is over."""
    import sqlalchemy as sa
    from daywatch.warehouse import tables
    from daywatch.warehouse.database import transaction

    inbox = start()
    deployment = reported(connection(inbox))
    with pytest.raises(SetupError):
        notify(RUN, [], replace(deployment, smtp=None), AT)
    for until in (datetime(2999, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)):
        with transaction(deployment.warehouse_url) as warehouse:
            warehouse.execute(sa.update(tables.notification).values(claimed_until=until))
            free = claim(warehouse, window_key(RUN.model, RUN.window, RUN.revision))
        assert free is (until.year == 2020)
        with transaction(deployment.warehouse_url) as warehouse:
            warehouse.execute(sa.update(tables.notification).values(claimed_until=None))

    notify(RUN, [], deployment, AT)
    assert len(ids(inbox)) == 1


def contacts_of(deployment: Deployment, *contacts: str) -> Deployment:
    """Write other contacts into the model's YAML."""
    import yaml

    (file,) = deployment.models.glob("*.yaml")
    text = yaml.safe_load(file.read_text())
    file.write_text(yaml.safe_dump({**text, "contacts": list(contacts)}))
    return deployment


@pytest.mark.parametrize(
    ("verdicts", "kinds"),
    [
        # state of each revision, and whether its mail is refused
        ([("RED", False), ("RED", False)], ["first", "unchanged"]),
        ([("RED", True), ("RED", False)], ["first", "first"]),
        (
            [("RED", True), ("RED", True), ("RED", False), ("RED", False)],
            ["first", "first", "first", "unchanged"],
        ),
        ([("RED", False), ("GREEN", False), ("RED", False)], ["first", "better", "worse"]),
        ([("RED", True), ("AMBER", False), ("AMBER", False)], ["first", "first", "unchanged"]),
    ],
)
def test_new_evidence_is_compared_with_what_people_were_told(
    reported: Callable[..., Deployment],
    start: Callable[..., Inbox],
    verdicts: list[tuple[str, bool]],
    kinds: list[str],
) -> None:
    inbox = start()
    runs = [RUN.model_copy(update={"revision": f"r{n}"}) for n in range(len(verdicts))]
    for sequence, (run, (state, refused)) in enumerate(zip(runs, verdicts, strict=True), start=1):
        deployment = reported(connection(inbox), State(state), run=run)
        record_sequence(deployment, run, sequence)
        inbox.replies = {"MAIL": "451 not now"} if refused else {}
        try:
            notify(run, [], deployment, AT)
        except InfrastructureError:
            assert refused
    rows = sorted(dump(deployment.warehouse_url)["notification"], key=lambda row: row["revision"])

    assert [row["kind"] for row in rows] == kinds


def record_sequence(deployment: Deployment, run: WindowRun, sequence: int) -> None:
    """Store that a revision is a window's next one."""
    import sqlalchemy as sa
    from daywatch.warehouse import tables
    from daywatch.warehouse.database import transaction

    counts = ("objects", "bytes", "records", "exported", "quarantined", "duplicates", "rows")
    texts = {"baseline_id": "b", "artifacts": "a", "source": "s"}
    row = {**window_key(run.model, run.window, run.revision), "sequence": sequence, **texts}
    with transaction(deployment.warehouse_url) as warehouse:
        table = tables.window_run
        needed = dict.fromkeys((*counts, *_further_counts(table)), 0)
        warehouse.execute(sa.insert(table).values(**needed, **row, quarantine_reasons={}))


def _further_counts(table: Any) -> list[str]:
    """Return the names of counts that have no default."""
    known = {"objects", "bytes", "records", "exported", "quarantined", "duplicates", "rows"}
    return [
        column.name
        for column in table.columns
        if not column.nullable
        and column.server_default is None
        and column.type.python_type is int
        and column.name not in known | {"sequence"}
    ]


RACER = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from daywatch.config.deployment.connections import Connection
from daywatch.config.deployment.deployment import Deployment
from daywatch.run import WindowRun
from daywatch.stages.notify import notify
told = json.loads(sys.argv[1])
smtp = Connection.model_validate(told["smtp"])
deployment = Deployment(told["data"], told["artifacts"], told["warehouse"], smtp=smtp, models=Path(told["models"]))
print("ready", flush=True)
sys.stdin.readline()
notify(WindowRun.model_validate(told["run"]), [], deployment, datetime(2024, 3, 4, 6, tzinfo=UTC))
"""


@pytest.mark.integration
def test_four_runs_side_by_side_send_one_mail(
    reported: Callable[..., Deployment], start: Callable[..., Inbox], postgresql_warehouse: str
) -> None:
    inbox = start()
    deployment = replace(reported(connection(inbox)), warehouse_url=postgresql_warehouse)
    told = json.dumps(
        {
            "smtp": {
                "conn_type": "smtp",
                "host": "127.0.0.1",
                "port": inbox.port,
                "extra": deployment.smtp.extra,
            },  # type: ignore[union-attr]
            "data": deployment.data_uri,
            "artifacts": deployment.artifacts_uri,
            "warehouse": postgresql_warehouse,
            "models": str(deployment.models),
            "run": RUN.model_dump(mode="json"),
        }
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, told],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for _ in range(4)
    ]
    try:
        for racer in racers:
            assert racer.stdout is not None
            assert racer.stdout.readline() == "ready\n"
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write("go\n")
            racer.stdin.flush()
        codes = [racer.wait(timeout=120) for racer in racers]
    finally:
        for racer in racers:
            racer.kill()

    assert codes == [0, 0, 0, 0]
    assert ids(inbox) == ["<shop.2024-03-03.r1.first@daywatch>"]
    ((stored),) = dump(postgresql_warehouse)["notification"]
    assert (stored["recipients"], stored["claimed_until"]) == (["team@example.com"], None)
