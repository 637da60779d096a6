"""The section ``alerts``: who hears of what, where, and how often as a digest."""

from __future__ import annotations

from datetime import UTC, datetime, time
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from daywatch.config.base import Frozen, nearest, shaped
from daywatch.results import State
from daywatch.verdicts import CauseKind

CONTACTS = "contacts"
"""The receiver that every model has: its contacts, by mail."""

ReceiverName = Annotated[
    str, shaped(r"[a-z][a-z0-9_-]{0,39}", "a name of at most 40 lower-case letters, digits, '_' and '-'")
]

ConnectionName = Annotated[
    str, shaped(r"[A-Za-z0-9_.-]{1,250}", "the id of an Airflow connection, such as 'daywatch_slack'")
]

MailAddress = Annotated[
    str,
    shaped(r"[!-?A-~]+@[!-?A-~]+", "an e-mail address, such as 'team@example.com'"),
    Field(max_length=254),
]


class Rhythm(StrEnum):
    """How often a team gets a digest."""

    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


class MailReceiver(Frozen):
    """People who get the mail itself.

    Attributes:
        to: Their addresses.
    """

    type: Literal["mail"]
    to: Annotated[tuple[MailAddress, ...], Field(min_length=1)]


class AppriseReceiver(Frozen):
    """A service that Apprise knows: Slack, Teams, PagerDuty, Opsgenie, Telegram, a webhook and a hundred more.

    Attributes:
        connection: The Airflow connection whose password is Apprise's URL.
    """

    type: Literal["apprise"]
    connection: ConnectionName


class SnsReceiver(Frozen):
    """A topic of Amazon SNS.

    Attributes:
        topic: ARN of the topic.
        connection: The Airflow connection of type aws.
    """

    type: Literal["sns"]
    topic: Annotated[
        str,
        shaped(
            r"arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?",
            "the ARN of a topic, such as 'arn:aws:sns:eu-central-1:123456789012:models'",
        ),
    ]
    connection: ConnectionName


class AlertmanagerReceiver(Frozen):
    """A Prometheus Alertmanager, which gets one alert for each open incident.

    Attributes:
        connection: The Airflow connection of type http: host, port, path as the schema, login and password.
    """

    type: Literal["alertmanager"]
    connection: ConnectionName


Receiver = Annotated[
    MailReceiver | AppriseReceiver | SnsReceiver | AlertmanagerReceiver, Field(discriminator="type")
]


class Route(Frozen):
    """Which news goes where; a key that is left out fits everything.

    Attributes:
        to: Names of receivers; ``contacts`` for the model's contacts.
        states: States of the verdict or of the incident.
        tiers: Tiers of the model, for routes that several models share.
        kinds: Kinds of the cause.
        quiet_hours: Hours in UTC in which the route is closed, such as ``22:00-06:00``.
    """

    to: Annotated[tuple[ReceiverName, ...], Field(min_length=1)]
    states: tuple[State, ...] = ()
    tiers: tuple[Annotated[int, Field(ge=1, le=4)], ...] = ()
    kinds: tuple[CauseKind, ...] = ()
    quiet_hours: (
        Annotated[
            str,
            shaped(
                r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", "two times in UTC, such as '22:00-06:00'"
            ),
        ]
        | None
    ) = None

    def is_quiet(self, at: datetime) -> bool:
        """Return whether a time is within the quiet hours; the first minute is, the last one is not."""
        if self.quiet_hours is None:
            return False
        first, last = (time.fromisoformat(part) for part in self.quiet_hours.split("-"))
        now = at.astimezone(UTC).time()
        return first <= now < last if first < last else now >= first or now < last


class Alerts(Frozen):
    """Who hears of what, where, and how often as a digest.

    Attributes:
        digest: How often the model is in its team's digest.
        receivers: Where news can go, by name.
        routes: Which news goes where; the receivers of all routes that fit get it. Without routes, the contacts
            get everything.
    """

    digest: Rhythm = Rhythm.WEEKLY
    receivers: dict[ReceiverName, Receiver] = Field(default_factory=dict)
    routes: tuple[Route, ...] = ()

    @model_validator(mode="after")
    def _known_receivers(self) -> Alerts:
        if CONTACTS in self.receivers:
            msg = f"receivers: {CONTACTS!r} are the model's contacts; name this receiver otherwise"
            raise ValueError(msg)
        known = (CONTACTS, *self.receivers)
        for route in self.routes:
            for name in route.to:
                if name not in known:
                    expected = f"expected one of {', '.join(known)}"
                    msg = f"routes: there is no receiver {name!r}{nearest(name, known)}; {expected}"
                    raise ValueError(msg)
        return self


DagId = Annotated[str, shaped(r"[A-Za-z0-9_.-]{1,250}", "the id of a DAG, such as 'roll_back_flights'")]


class On(Frozen):
    """DAGs of yours that the model's incidents trigger, each once an incident.

    Attributes:
        red: When an incident is RED.
        amber: When an incident is AMBER.
        change: When an incident opens, comes back and closes: once for each of these.
    """

    red: tuple[DagId, ...] = ()
    amber: tuple[DagId, ...] = ()
    change: tuple[DagId, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is triggered."""
        return not (self.red or self.amber or self.change)
