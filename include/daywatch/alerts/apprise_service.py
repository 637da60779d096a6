"""Messages through Apprise, which knows Slack, Teams, PagerDuty, Opsgenie, Telegram, webhooks and a hundred more."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from daywatch.config.deployment.secrets import forms_of, hidden
from daywatch.errors import InfrastructureError, SetupError
from daywatch.results import State

if TYPE_CHECKING:
    from daywatch.alerts.message import Message
    from daywatch.config.deployment.connections import Connection

_LONGEST_LOG = 300
_SHORTEST_SECRET = 6
_TYPES = {State.GREEN: "success", State.GREY: "info", State.AMBER: "warning", State.RED: "failure"}
"""Apprise's types of notification."""


def send_by_apprise(message: Message, name: str, connection: Connection) -> None:
    """Send a message to the service that a connection's URL names.

    Args:
        message: The message.
        name: Id of the connection, for errors.
        connection: A connection whose password is Apprise's URL.

    Raises:
        SetupError: There is no URL, or Apprise does not know it.
        InfrastructureError: The service did not take the message.
    """
    import apprise

    url = connection.password.get_secret_value() if connection.password else ""
    service = apprise.Apprise(asset=apprise.AppriseAsset(app_id="Daywatch", secure_logging=True))
    if not url or not service.add(url):
        msg = (
            f"The Airflow connection {name!r} has no URL that Apprise knows: expected one in its password, such as "
            "slack://token_a/token_b/token_c; https://appriseit.com/services/ lists them."
        )
        raise SetupError(msg)
    with apprise.LogCapture(level=logging.WARNING) as log:
        taken = service.notify(
            title=message.title,
            body=message.body,
            notify_type=_TYPES[message.state],
            body_format=apprise.NotifyFormat.TEXT,
            interpret_escapes=False,
        )
        said = " ".join(log.getvalue().split())[:_LONGEST_LOG]
    if not taken:
        reason = hidden(said, _secrets_of(url)) or "it gave no reason"
        msg = f"The service of the connection {name!r} did not take the message {message.title!r}: {reason}."
        raise InfrastructureError(msg)


def _secrets_of(url: str) -> frozenset[str]:
    """Return what of a URL no sentence may show: tokens are parts of its path, its login or its options."""
    parts = (part for part in re.split(r"[/:@?&=]+", url) if len(part) >= _SHORTEST_SECRET)
    return forms_of({url, *parts})
