"""Mails through a real SMTP server."""

from __future__ import annotations

import email
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from daywatch.config.deployment.connections import Connection
from daywatch.errors import DaywatchError, InfrastructureError, SetupError
from daywatch.notify.message import message_id
from daywatch.notify.smtp import send, sender_address
from daywatch.report.render import RenderedReport
from pydantic import SecretStr

DATE = datetime(2013, 2, 10, 6, 0, tzinfo=UTC)
SENDER = "daywatch@example.org"
ID = message_id("flights", "2013-02-09", "5b1f0c2e9a47", "change")
Start = Callable[..., Any]


def read(inbox: Any, i: int = -1) -> EmailMessage:
    content = inbox.envelopes[i].content
    assert isinstance(content, bytes)
    message = email.message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def test_mail_arrives_whole(start: Start, rendered: RenderedReport) -> None:
    inbox = start()
    delivery = send(rendered, ["a@example.org", "b@example.org"], inbox.connection(), SENDER, ID, DATE)
    assert (delivery.accepted, delivery.refused) == (("a@example.org", "b@example.org"), ())
    mail = read(inbox)
    assert inbox.envelopes[0].mail_from == SENDER
    assert inbox.envelopes[0].rcpt_tos == ["a@example.org", "b@example.org"]
    assert mail["Subject"] == rendered.subject
    assert mail["To"] == "a@example.org, b@example.org"
    assert mail["Message-ID"] == "<flights.2013-02-09.5b1f0c2e9a47.change@daywatch>"
    assert mail["References"] == mail["In-Reply-To"] == "<model.flights@daywatch>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (mail["X-Daywatch-Model"], mail["X-Daywatch-State"]) == ("flights", "RED")
    assert mail["Date"].datetime == DATE


def test_parts_are_nested_as_clients_expect(start: Start, rendered: RenderedReport) -> None:
    inbox = start()
    send(rendered, ["a@example.org"], inbox.connection(), SENDER, ID, DATE)
    mail = read(inbox)
    assert mail.get_content_type() == "multipart/alternative"
    text, related = mail.iter_parts()
    assert text.get_content().replace("\r\n", "\n") == rendered.text
    assert related.get_content_type() == "multipart/related"
    html, *images = related.iter_parts()
    assert html.get_content().strip() == rendered.html
    assert [image["Content-ID"] for image in images] == ["<column-1>", "<trend>"]
    assert [image.get_content() for image in images] == [image.png for image in rendered.images]
    assert {image.get_content_disposition() for image in images} == {"inline"}
    assert [part["MIME-Version"] for part in mail.walk()].count("1.0") == 1


def test_a_retry_sends_the_same_bytes(start: Start, rendered: RenderedReport) -> None:
    inbox = start()
    for _ in range(2):
        send(rendered, ["a@example.org"], inbox.connection(), SENDER, ID, DATE)
    assert inbox.envelopes[0].content == inbox.envelopes[1].content
    assert inbox.envelopes[0].content is not None


def test_report_without_pictures(start: Start, rendered: RenderedReport) -> None:
    inbox = start()
    send(rendered.model_copy(update={"images": ()}), ["a@example.org"], inbox.connection(), SENDER, ID, DATE)
    assert [part.get_content_type() for part in read(inbox).iter_parts()] == ["text/plain", "text/html"]


def test_refused_recipients_are_told_and_the_others_get_it(start: Start, rendered: RenderedReport) -> None:
    inbox = start()
    people = ["nobody@example.org", "a@example.org"]
    delivery = send(rendered, people, inbox.connection(), SENDER, ID, DATE)
    assert delivery.accepted == ("a@example.org",)
    assert delivery.refused == (("nobody@example.org", "550 no such user here"),)
    assert len(inbox.envelopes) == 1


NOBODY, BUSY = "nobody@example.org", "busy@example.org"


@pytest.mark.parametrize(
    ("recipients", "kind"),
    [([NOBODY], SetupError), ([BUSY], InfrastructureError), ([NOBODY, BUSY], InfrastructureError)],
)
def test_an_error_names_all_refused_recipients_and_the_key_to_look_at(
    recipients: list[str], kind: type[DaywatchError], start: Start, rendered: RenderedReport
) -> None:
    """A later try may reach a busy one; nobody is nobody on every try."""
    answers = {NOBODY: "550 no such user here", BUSY: "450 try again later"}
    listed = ", ".join(f"{one} ({answers[one]})" for one in sorted(recipients))
    with pytest.raises(kind) as caught:
        send(rendered, recipients, start().connection(), SENDER, ID, DATE)
    assert f"accepted no recipient: {listed}. Check 'contacts' in include/models/flights.yaml." in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("command", "reply", "kind", "sentence"),
    [
        (
            "MAIL",
            "550 5.7.1 not yours",
            SetupError,
            f"refused the sender {SENDER}: 550 5.7.1 not yours. Check 'from_",
        ),
        (
            "MAIL",
            "530 log in first",
            SetupError,
            "Check 'from_email' in the extra of the connection 'daywatch_smtp'",
        ),
        ("MAIL", "451 try later", InfrastructureError, f"refused the sender {SENDER}: 451 try later. "),
        (
            "DATA",
            "554 looks like spam",
            SetupError,
            "refused the mail: 554 looks like spam. Ask its administrator",
        ),
        ("DATA", "452 disk full", InfrastructureError, "refused the mail: 452 disk full. "),
    ],
)
def test_a_permanent_refusal_is_an_error_of_the_setup(
    command: str, reply: str, kind: type[DaywatchError], sentence: str, start: Start, rendered: RenderedReport
) -> None:
    inbox = start()
    inbox.replies[command] = reply
    with pytest.raises(kind) as caught:
        send(rendered, ["a@example.org"], inbox.connection(), SENDER, ID, DATE)
    assert sentence in str(caught.value)
    assert inbox.envelopes == []


def test_a_mail_that_was_taken_is_sent_whatever_the_server_says_at_the_end(
    start: Start, rendered: RenderedReport
) -> None:
    """Otherwise the retry would send it a second time."""
    inbox = start()
    inbox.replies["QUIT"] = "421 closing now"

    delivery = send(rendered, ["a@example.org"], inbox.connection(), SENDER, ID, DATE)

    assert (delivery.accepted, len(inbox.envelopes)) == (("a@example.org",), 1)


def test_server_away(rendered: RenderedReport, unused_port: int) -> None:
    port = unused_port
    connection = Connection(conn_type="smtp", host="127.0.0.1", port=port, extra={"disable_ssl": True})
    match = rf"127.0.0.1:{port} did not take the mail: .*refused.* Check that it is up"
    with pytest.raises(InfrastructureError, match=match):
        send(rendered, ["a@example.org"], connection, SENDER, ID, DATE)


def test_unknown_host(rendered: RenderedReport) -> None:
    connection = Connection(conn_type="smtp", host="mail.invalid", extra={"disable_ssl": True})
    with pytest.raises(InfrastructureError, match=r"mail\.invalid:25"):
        send(rendered, ["a@example.org"], connection, SENDER, ID, DATE)


def test_login(start: Start, rendered: RenderedReport) -> None:
    inbox = start(login=True)
    right = inbox.connection().model_copy(update={"login": "me", "password": SecretStr("right")})
    send(rendered, ["a@example.org"], right, SENDER, ID, DATE)
    assert inbox.logins == [(b"me", b"right")]
    assert len(inbox.envelopes) == 1


@pytest.mark.parametrize(
    ("reply", "kind", "sentence"),
    [
        (
            None,
            SetupError,
            "refused the login with 535. Check login, password and 'auth_type' of the connection",
        ),
        ("454 4.7.0 Temporary authentication failure", InfrastructureError, "refused the login with 454. "),
    ],
)
def test_a_refused_login_repeats_no_password(
    reply: str | None, kind: type[DaywatchError], sentence: str, start: Start, rendered: RenderedReport
) -> None:
    inbox = start(login=True)
    inbox.replies |= {"AUTH": reply} if reply else {}
    wrong = inbox.connection().model_copy(update={"login": "me", "password": SecretStr("hunter2")})
    with pytest.raises(kind) as caught:
        send(rendered, ["a@example.org"], wrong, SENDER, ID, DATE)
    assert sentence in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_login_that_the_server_does_not_know(start: Start, rendered: RenderedReport) -> None:
    connection = start().connection().model_copy(update={"login": "me", "password": SecretStr("right")})
    with pytest.raises(SetupError, match="AUTH extension not supported by server. Check .* login"):
        send(rendered, ["a@example.org"], connection, SENDER, ID, DATE)


def test_ssl_with_a_server_that_speaks_none(start: Start, rendered: RenderedReport) -> None:
    with pytest.raises(SetupError, match="WRONG_VERSION_NUMBER.*'disable_ssl'"):
        send(rendered, ["a@example.org"], start().connection(disable_ssl=False), SENDER, ID, DATE)


def test_starttls_unless_disabled(
    start: Start, rendered: RenderedReport, certificate: ssl.SSLContext
) -> None:
    inbox = start(tls_context=certificate, require_starttls=True)
    connection = inbox.connection(disable_tls=False, ssl_context="none")
    send(rendered, ["a@example.org"], connection, SENDER, ID, DATE)
    assert inbox.encrypted == [True]


def test_ssl_unless_disabled(start: Start, rendered: RenderedReport, certificate: ssl.SSLContext) -> None:
    inbox = start(ssl_context=certificate)
    connection = inbox.connection(disable_ssl=False, disable_tls=False, ssl_context="none")
    send(rendered, ["a@example.org"], connection, SENDER, ID, DATE)
    assert len(inbox.envelopes) == 1, "a server that speaks nothing but SSL took it"


@pytest.mark.parametrize("extra", [{"disable_tls": False}, {"disable_tls": False, "ssl_context": "default"}])
def test_unknown_certificate_is_refused(
    extra: dict[str, object], start: Start, rendered: RenderedReport, certificate: ssl.SSLContext
) -> None:
    inbox = start(tls_context=certificate)
    with pytest.raises(SetupError, match="CERTIFICATE_VERIFY_FAILED.*'ssl_context'"):
        send(rendered, ["a@example.org"], inbox.connection(**extra), SENDER, ID, DATE)
    assert inbox.envelopes == []


def test_starttls_that_the_server_has_not(start: Start, rendered: RenderedReport) -> None:
    inbox = start()
    with pytest.raises(SetupError, match=r"STARTTLS .*disable_tls"):
        send(rendered, ["a@example.org"], inbox.connection(disable_tls=False), SENDER, ID, DATE)


@pytest.mark.parametrize(
    ("extra", "match"),
    [
        ({"disable_tls": False, "ssl_context": "lax"}, "'ssl_context' of 'daywatch_smtp' is 'lax'"),
        ({"auth_type": "oauth2"}, "needs 'access_token'"),
    ],
)
def test_wrong_extras(extra: dict[str, object], match: str, start: Start, rendered: RenderedReport) -> None:
    inbox = start()
    with pytest.raises(SetupError, match=match):
        send(rendered, ["a@example.org"], inbox.connection(**extra), SENDER, ID, DATE)


def test_sender_may_have_a_name(start: Start, rendered: RenderedReport) -> None:
    inbox = start()
    send(rendered, ["a@example.org"], inbox.connection(), f"Daywatch <{SENDER}>", ID, DATE)
    assert inbox.envelopes[0].mail_from == SENDER
    assert read(inbox)["From"].addresses[0].addr_spec == SENDER


def test_no_recipients(rendered: RenderedReport) -> None:
    with pytest.raises(SetupError, match="no recipients"):
        send(rendered, [], Connection(conn_type="smtp"), SENDER, ID, DATE)


def test_sender_is_the_connections() -> None:
    connection = Connection(conn_type="smtp", extra={"from_email": SENDER})
    assert sender_address(connection) == SENDER
    with pytest.raises(SetupError, match="'from_email'"):
        sender_address(Connection(conn_type="smtp"))
