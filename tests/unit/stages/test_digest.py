"""A team's digest, from the warehouse to the mail."""

from __future__ import annotations

import email
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.policy import default
from typing import Any

import pytest
import sqlalchemy as sa
from bad_days import AUC, DRIFT, MISSING, named, outcome, record_day
from daywatch.config.deployment.deployment import Deployment
from daywatch.errors import InfrastructureError
from daywatch.incidents.acts import Doing, act_on
from daywatch.incidents.listing import list_incidents
from daywatch.incidents.types import EventKind
from daywatch.results import State
from daywatch.stages.digest import due_owners, send_digest
from daywatch.warehouse import tables
from daywatch.warehouse.database import transaction
from daywatch.warehouse.record import window_key
from daywatch.window import Window
from models import write_model
from places import Place

RED, AMBER = State.RED, State.AMBER
MONDAY, TUESDAY = date(2024, 3, 4), date(2024, 3, 5)
AT = datetime(2024, 3, 5, 7, tzinfo=UTC)


@pytest.fixture
def team(place: Callable[..., Place], start: Callable[..., Any]) -> tuple[Deployment, Any]:
    """Return a deployment with four models of a team, and its inbox."""
    inbox = start()
    here = place(owner="Größe <ops>", alerts={"digest": "daily"}).deployment
    for name, digest in (("bank", "daily"), ("quiet", "never"), ("young", "weekly")):
        write_model(here.models, model=name, owner="Größe <ops>", alerts={"digest": digest}, tier=1)
    write_model(here.models, model="other", owner="others")
    deployment = replace(
        here, smtp=inbox.connection(from_email="daywatch@example.com"), airflow_url="https://airflow"
    )
    return deployment, inbox


def texts(inbox: Any) -> list[str]:
    mails = [email.message_from_bytes(one.content, policy=default) for one in inbox.envelopes]
    return [mail.get_body(("plain",)).get_content() for mail in mails]  # type: ignore[union-attr]


def bad_days(deployment: Deployment) -> None:
    """Record a RED day of one model with two causes, and an AMBER one of another."""
    with transaction(deployment.warehouse_url) as connection:
        for day in ("2024-03-02", "2024-03-03"):
            hostile = "amount is missing in 70 % of the rows \x1b[31m<b>"
            record_day(
                connection, day, outcome(MISSING, RED, hostile), outcome(AUC, RED), model=named("shop")
            )
        record_day(connection, "2024-03-03", outcome(DRIFT, AMBER), outcome(AUC, AMBER), model=named("bank"))
        (one,) = (row for row in list_incidents(connection) if row.kind == "data")
    act_on(deployment, one.incident_id, Doing(EventKind.ACKNOWLEDGED, "ana", AT))


def test_a_digest_has_the_worst_first_and_is_sent_once(team: tuple[Deployment, Any]) -> None:
    deployment, inbox = team
    bad_days(deployment)

    content = send_digest("Größe <ops>", TUESDAY, deployment, AT)
    send_digest("Größe <ops>", TUESDAY, deployment, AT + timedelta(hours=1))

    (text,) = texts(inbox)
    assert content is not None
    assert [row.model for row in content.rows] == ["shop", "bank", "young"]
    link = content.rows[0].link
    assert text.splitlines()[:13] == [
        "DIGEST  Größe <ops>  2024-03-05",
        "=" * 78,
        "1 RED, 1 AMBER, 1 not judged yet",
        "",
        "NOT GREEN, THE WORST FIRST",
        "RED  shop  (tier 2)",
        "  amount is missing in 70 % of the rows \\x1b[31m<b>",
        "  since 2024-03-02, 2 bad windows; acknowledged by ana",
        f"  {link}",
        "AMBER  bank  (tier 1)",
        "  drift_score country is AMBER",
        "  since 2024-03-03, 1 bad window; nobody has acknowledged it",
        f"  {content.rows[1].link}",
    ]
    assert link.startswith("https://airflow/daywatch/-/incidents/")
    html = inbox.envelopes[0].content
    assert b"<b>" not in html.partition(b"text/html")[2].replace(b"=\r\n", b"")


def test_a_model_that_was_green_names_the_day_on_which_it_was(team: tuple[Deployment, Any]) -> None:
    deployment, inbox = team
    with transaction(deployment.warehouse_url) as connection:
        record_day(connection, "2024-02-01", model=named("young"))

    send_digest("Größe <ops>", TUESDAY, deployment, AT)

    (text,) = texts(inbox)
    lines = text.splitlines()
    assert lines[lines.index("GREEN") + 1] == "young (2024-02-01)"
    assert b"young (2024-02-01)" in inbox.envelopes[0].content.partition(b"text/html")[2]


def test_whom_the_server_refused_is_not_said_to_have_the_digest(
    team: tuple[Deployment, Any], caplog: pytest.LogCaptureFixture
) -> None:
    deployment, _ = team
    write_model(
        deployment.models, model="young", owner="few", contacts=["a@example.com", "nobody@example.com"]
    )

    with caplog.at_level("INFO", "daywatch"):
        send_digest("few", TUESDAY, deployment, AT)

    assert "mailed to a@example.com, refused for nobody@example.com (550" in caplog.text


def test_a_server_that_is_away_leaves_the_digest_to_be_sent(
    team: tuple[Deployment, Any], unused_port: int
) -> None:
    deployment, inbox = team
    bad_days(deployment)
    away = replace(deployment, smtp=deployment.smtp.model_copy(update={"port": unused_port}))  # type: ignore[union-attr]

    with pytest.raises(InfrastructureError):
        send_digest("Größe <ops>", TUESDAY, away, AT)
    send_digest("Größe <ops>", TUESDAY, deployment, AT)

    assert len(texts(inbox)) == 1


def test_a_backfill_of_many_windows_is_one_digest(team: tuple[Deployment, Any]) -> None:
    deployment, inbox = team
    with transaction(deployment.warehouse_url) as connection:
        for number in range(365):
            window = Window.of_day(date(2023, 1, 1) + timedelta(days=number))
            row = {
                **window_key("young", window, "r"),
                "kind": "backfill",
                "state": "RED" if number < 3 else "GREEN",
                "reason": "",
                "message_id": "",
                "recipients": [],
                "refused": {},
            }
            connection.execute(sa.insert(tables.notification).values(row))

    assert due_owners(MONDAY, deployment) == ["Größe <ops>", "others"]
    assert due_owners(TUESDAY, deployment) == ["Größe <ops>"]
    send_digest("Größe <ops>", TUESDAY, deployment, AT)
    send_digest("Größe <ops>", TUESDAY + timedelta(days=1), deployment, AT + timedelta(days=1))

    line = "- young: 365 windows from 2023-01-01 to 2023-12-31: 3 RED, 362 GREEN"
    assert [line in text for text in texts(inbox)] == [True, False]
