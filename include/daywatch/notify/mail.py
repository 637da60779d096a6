"""Sending a rendered report by SMTP, with the same bytes on every try.

The standard library is enough: one message a day and model needs no pool and no asynchronous client. The
connection's extras have the names and the meaning that Airflow's SmtpHook gives them, so that one Airflow
connection serves both. One difference: with SSL from the first byte there is no STARTTLS on top.
"""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING

from daywatch.config.deployment.connections import SMTP_CONNECTION, Connection
from daywatch.errors import InfrastructureError, SetupError

if TYPE_CHECKING:
    from daywatch.report.render import RenderedReport

_DOMAIN = "daywatch"


@dataclass(frozen=True)
class Delivery:
    """What the mail server did.

    Attributes:
        accepted: Recipients it took the mail for.
        refused: Recipients it did not, each with its answer, such as ``550 no such user``.
    """

    accepted: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]


def message_id(model: str, window: str, revision: str, kind: str) -> str:
    """Return a mail's Message-ID: the same for the same cause, so that mail programs fold a second copy."""
    return f"<{model}.{window}.{revision}.{kind}@{_DOMAIN}>"


def sender_address(connection: Connection) -> str:
    """Return the connection's ``from_email``.

    Raises:
        SetupError: It has none.
    """
    sender = connection.extra.get("from_email")
    if not sender:
        msg = f"The connection {SMTP_CONNECTION!r} names no sender: set 'from_email' in its extra."
        raise SetupError(msg)
    return str(sender)


def compose(
    rendered: RenderedReport, recipients: Sequence[str], sender: str, message_id: str, date: datetime
) -> EmailMessage:
    """Put the mail together: text, and HTML related to its pictures; the same arguments, the same bytes.

    Args:
        rendered: Subject, texts and pictures.
        recipients: Addresses, shown in ``To``.
        sender: Address of the sender, with or without a name: ``Daywatch <daywatch@example.org>``.
        message_id: With angle brackets.
        date: For the ``Date`` header; of the window's run, not of the try.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _address(parseaddr(sender)[1], parseaddr(sender)[0])
    mail["To"] = [_address(recipient) for recipient in recipients]
    mail["Subject"] = rendered.subject
    mail["Date"] = format_datetime(date)
    mail["Message-ID"] = message_id
    # All mails of a model answer the same mail that never was, which makes them one thread.
    thread = f"<model.{rendered.model}@{_DOMAIN}>"
    mail["In-Reply-To"] = thread
    mail["References"] = thread
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Daywatch-Model"] = rendered.model
    mail["X-Daywatch-State"] = str(rendered.state)
    mail.set_content(rendered.text, cte="quoted-printable")
    page = MIMEPart(policy=SMTP)
    page.set_content(rendered.html, subtype="html", cte="quoted-printable")
    for image in rendered.images:
        page.add_related(
            image.png,
            "image",
            "png",
            cid=f"<{image.cid}>",
            disposition="inline",
            filename=f"{image.cid}.png",
        )
    mail.make_alternative()
    mail.attach(page)  # type: ignore[arg-type] # A MIMEPart is what RFC 2045 wants: only the whole has a version.
    _set_boundaries(mail, message_id)
    return mail


def send(
    rendered: RenderedReport,
    recipients: Sequence[str],
    connection: Connection,
    sender: str,
    message_id: str,
    date: datetime,
) -> Delivery:
    """Send a report.

    Returns:
        Who got it. A refusal of some recipients is an outcome, for a second try would mail the others
        again.

    Raises:
        SetupError: The connection cannot be used as it is written.
        InfrastructureError: The server did not answer, did not let us in, or took the mail for nobody.
    """
    if not recipients:
        msg = "The mail has no recipients: give the model at least one address under 'contacts'."
        raise SetupError(msg)
    mail = compose(rendered, recipients, sender, message_id, date)
    server = f"{connection.host or 'localhost'}:{connection.port or (465 if _uses_ssl(connection) else 25)}"
    try:
        with _open(connection) as client:
            _log_in(client, connection)
            refused = client.send_message(mail, sender, list(recipients))
    except smtplib.SMTPRecipientsRefused as error:
        answers = ", ".join(f"{name} ({answer})" for name, answer in _answers(error.recipients))
        msg = f"The mail server {server} refused every recipient: {answers}. Check the model's 'contacts'."
        raise InfrastructureError(msg) from error
    except smtplib.SMTPAuthenticationError as error:
        msg = f"The mail server {server} refused the login: check login and password of {SMTP_CONNECTION!r}."
        raise InfrastructureError(msg) from error
    except smtplib.SMTPSenderRefused as error:
        msg = f"The mail server {server} refused the sender {sender}: {_said(error.smtp_error)}."
        raise InfrastructureError(msg) from error
    except (smtplib.SMTPException, OSError) as error:
        cause = " ".join(str(error).split())[:300] or type(error).__name__
        msg = (
            f"Could not send the mail through {server}: {cause}. Check that the server is up, and host, "
            f"port, disable_ssl and disable_tls of the connection {SMTP_CONNECTION!r}."
        )
        raise InfrastructureError(msg) from error
    bounced = _answers(refused)
    names = {name for name, _ in bounced}
    return Delivery(tuple(name for name in recipients if name not in names), bounced)


def _address(text: str, name: str = "") -> Address:
    """Return a parsed address; one with a line break or a comma in it never reaches a header."""
    try:
        return Address(name, addr_spec=text)
    except (ValueError, IndexError, HeaderParseError) as error:
        msg = f"Expected a mail address such as team@example.org, but received {text!r}."
        raise SetupError(msg) from error


def _set_boundaries(mail: EmailMessage, message_id: str) -> None:
    """Derive the boundaries from the Message-ID; the library would draw random ones."""
    parts: list[MIMEPart] = [part for part in mail.walk() if part.is_multipart()]
    for i, part in enumerate(parts):
        digest = hashlib.sha256(f"{message_id}/{i}".encode()).hexdigest()[:40]
        part.set_boundary(f"=_{digest}")


def _uses_ssl(connection: Connection) -> bool:
    return not connection.extra.get("disable_ssl", False)


def _open(connection: Connection) -> smtplib.SMTP:
    """Connect, encrypted as the connection's extras say."""
    timeout = int(connection.extra.get("timeout", 30))
    host, port = connection.host or "localhost", connection.port or 0
    context = _ssl_context(connection)
    if _uses_ssl(connection):
        return smtplib.SMTP_SSL(host, port, timeout=timeout, context=context)
    client = smtplib.SMTP(host, port, timeout=timeout)
    if not connection.extra.get("disable_tls", False):
        try:
            client.starttls(context=context)
        except BaseException:
            client.close()
            raise
    return client


def _ssl_context(connection: Connection) -> ssl.SSLContext | None:
    """Return the context of ``ssl_context``: certificates are checked unless it says ``none``."""
    choice = connection.extra.get("ssl_context")
    if choice not in (None, "default", "none"):
        msg = f"'ssl_context' of {SMTP_CONNECTION!r} is {choice!r}, expected 'default' or 'none'."
        raise SetupError(msg)
    return None if choice == "none" else ssl.create_default_context()


def _log_in(client: smtplib.SMTP, connection: Connection) -> None:
    """Log in with a password, or with an access token where ``auth_type`` is ``oauth2``."""
    extra, login = connection.extra, connection.login
    if extra.get("auth_type", "basic") == "oauth2":
        token, user = extra.get("access_token"), login or extra.get("from_email")
        if not (token and user):
            msg = f"'auth_type' of {SMTP_CONNECTION!r} is oauth2, which needs 'access_token' and a login."
            raise SetupError(msg)
        client.ehlo_or_helo_if_needed()
        client.auth("XOAUTH2", lambda _=None: f"user={user}\x01auth=Bearer {token}\x01\x01")
    elif login and connection.password:
        client.login(login, connection.password.get_secret_value())


def _answers(refused: dict[str, tuple[int, bytes]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, f"{code} {_said(answer)}") for name, (code, answer) in sorted(refused.items()))


def _said(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:200]
