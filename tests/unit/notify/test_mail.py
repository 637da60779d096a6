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
from daywatch.errors import InfrastructureError, SetupError
from daywatch.notify.mail import compose, message_id, send, sender_address
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


def test_lines_are_short_enough_for_every_server(rendered: RenderedReport) -> None:
    lines = compose(rendered, ["a@example.org"], SENDER, ID, DATE).as_bytes().split(b"\r\n")
    assert max(map(len, lines)) <= 998


def test_a_retry_sends_the_same_bytes(start: Start, rendered: RenderedReport) -> None:
    inbox = start()
    for _ in range(2):
        send(rendered, ["a@example.org"], inbox.connection(), SENDER, ID, DATE)
    assert inbox.envelopes[0].content == inbox.envelopes[1].content
    assert inbox.envelopes[0].content is not None


def test_boundary_never_lies_in_a_part(rendered: RenderedReport) -> None:
    mail = compose(rendered, ["a@example.org"], SENDER, ID, DATE)
    boundaries = {part.get_boundary() for part in mail.walk() if part.is_multipart()}
    assert len(boundaries) == 2
    assert not any(str(boundary) in rendered.html + rendered.text for boundary in boundaries)


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


def test_all_refused_is_an_error_that_names_them(start: Start, rendered: RenderedReport) -> None:
    inbox = start()
    match = r"refused every recipient: nobody@example.org \(550 no such user here\)"
    with pytest.raises(InfrastructureError, match=match):
        send(rendered, ["nobody@example.org"], inbox.connection(), SENDER, ID, DATE)


def test_server_away(rendered: RenderedReport, unused_port: int) -> None:
    port = unused_port
    connection = Connection(conn_type="smtp", host="127.0.0.1", port=port, extra={"disable_ssl": True})
    match = rf"through 127.0.0.1:{port}: .*refused.* Check that the server is up"
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


def test_wrong_password_is_not_repeated_in_the_error(start: Start, rendered: RenderedReport) -> None:
    inbox = start(login=True)
    wrong = inbox.connection().model_copy(update={"login": "me", "password": SecretStr("hunter2")})
    with pytest.raises(InfrastructureError, match="refused the login") as caught:
        send(rendered, ["a@example.org"], wrong, SENDER, ID, DATE)
    assert "hunter2" not in str(caught.value)


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
    with pytest.raises(InfrastructureError, match="CERTIFICATE_VERIFY_FAILED"):
        send(rendered, ["a@example.org"], inbox.connection(**extra), SENDER, ID, DATE)
    assert inbox.envelopes == []


def test_starttls_that_the_server_has_not(start: Start, rendered: RenderedReport) -> None:
    inbox = start()
    with pytest.raises(InfrastructureError, match=r"STARTTLS .*disable_tls"):
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


@pytest.mark.parametrize("address", ["a@example.org\r\nBcc: b@example.org", "not an address", ""])
def test_addresses_bring_no_headers(address: str, rendered: RenderedReport) -> None:
    with pytest.raises(SetupError, match="Expected a mail address"):
        compose(rendered, [address], SENDER, ID, DATE)


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
