"""Sending a message through the mail server of the deployment's connection.

The standard library is enough: one message a day and model needs no pool and no asynchronous client. The
connection's extras have the names and the meaning that Airflow's SmtpHook gives them, so that one Airflow
connection serves both. One difference: with SSL from the first byte there is no STARTTLS on top.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from daywatch.config.deployment.connections import SMTP_CONNECTION, Connection
from daywatch.config.deployment.secrets import hidden, shown_cause
from daywatch.errors import SetupError
from daywatch.notify.message import compose
from daywatch.notify.refusals import answers, delivery_error

if TYPE_CHECKING:
    from daywatch.report.render import RenderedReport


@dataclass(frozen=True)
class Delivery:
    """What the mail server did with the recipients.

    Attributes:
        accepted: Recipients that the server accepted.
        refused: Recipients that it refused, each with its answer, such as ``550 no such user``.
    """

    accepted: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]


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


def send(
    rendered: RenderedReport,
    recipients: Sequence[str],
    connection: Connection,
    sender: str,
    message_id: str,
    date: datetime,
    only: Sequence[str] = (),
) -> Delivery:
    """Send a report.

    Args:
        rendered: Subject, texts and pictures.
        recipients: Addresses of the recipients, which the mail shows.
        connection: Where the mail server is and how to log in.
        sender: Address of the sender, with or without a name.
        message_id: Message-ID with angle brackets.
        date: Time of the window's run, for the ``Date`` header.
        only: On a retry, those of the recipients who do not have the mail yet; empty for all. The mail is the same.

    Returns:
        The recipients that the server accepted and those that it refused. A refusal of some recipients is an
        outcome: a second try would mail the others again.

    Raises:
        SetupError: The connection cannot be used as it is written, or the server refuses for good the login,
            the sender, every recipient or the mail.
        InfrastructureError: The server did not answer, or refuses for now.
    """
    if not recipients:
        msg = "The mail has no recipients: give the model at least one address under 'contacts'."
        raise SetupError(msg)
    mail = compose(rendered, recipients, sender, message_id, date)
    server = f"{connection.host or 'localhost'}:{connection.port or (465 if _uses_ssl(connection) else 25)}"
    asked = list(only or recipients)
    secrets = connection.secrets
    try:
        client = _open(connection)
        try:
            _log_in(client, connection)
            refused = client.send_message(mail, sender, asked)
        finally:
            _quit(client)
    except (smtplib.SMTPException, OSError) as error:
        if only and isinstance(error, smtplib.SMTPRecipientsRefused):
            refused = error.recipients  # the others have the mail: it was sent
        else:
            meant = delivery_error(error, server, sender, rendered.model)
            raise type(meant)(hidden(str(meant), secrets)) from shown_cause(error, secrets)
    bounced = tuple((name, hidden(answer, secrets)) for name, answer in answers(refused))
    names = {name for name, _ in bounced}
    return Delivery(tuple(name for name in asked if name not in names), bounced)


def reach_server(connection: Connection) -> None:
    """Connect and log in as for a mail, and send none.

    Raises:
        SetupError: The connection cannot be used as it is written, or the server refuses the login.
        InfrastructureError: The server did not answer.
    """
    try:
        client = _open(connection)
        try:
            _log_in(client, connection)
        finally:
            _quit(client)
    except (smtplib.SMTPException, OSError) as error:
        server = (
            f"{connection.host or 'localhost'}:{connection.port or (465 if _uses_ssl(connection) else 25)}"
        )
        raise delivery_error(error, server, sender_address(connection), "") from error


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


def _quit(client: smtplib.SMTP) -> None:
    """Say goodbye and disconnect. What the server answers changes nothing: it has taken the mail, or refused it."""
    try:
        with suppress(smtplib.SMTPException, OSError):
            client.quit()
    finally:
        client.close()


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
