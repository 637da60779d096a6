"""Which receivers hear of what: the routes of a model's configuration, applied to news."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from daywatch.config.model.alerts import CONTACTS, MailReceiver

if TYPE_CHECKING:
    from daywatch.config.model.alerts import Route
    from daywatch.config.model.model import MonitoredModel
    from daywatch.results import State
    from daywatch.verdicts import CauseKind


def receivers_of(
    model: MonitoredModel, states: Collection[State], kinds: Collection[CauseKind], at: datetime
) -> tuple[str, ...]:
    """Return the names of the receivers that hear of news, each once, in the order of the routes.

    Args:
        model: The model's configuration.
        states: The states that the news is about; a route with states fits where one of them is among its own.
        kinds: The kinds of causes that the news is about.
        at: The time with which quiet hours are compared.
    """
    if not model.alerts.routes:
        return (CONTACTS,)
    fitting = (route for route in model.alerts.routes if _fits(route, model.tier, states, kinds, at))
    return tuple(dict.fromkeys(name for route in fitting for name in route.to))


def mail_addresses(model: MonitoredModel, receivers: Collection[str]) -> tuple[str, ...]:
    """Return the addresses of the receivers that get mails, each once.

    Args:
        model: The model's configuration.
        receivers: Names of receivers.
    """
    found: list[str] = [*model.contacts] if CONTACTS in receivers else []
    for name in receivers:
        receiver = model.alerts.receivers.get(name)
        if isinstance(receiver, MailReceiver):
            found += receiver.to
    return tuple(dict.fromkeys(found))


def _fits(
    route: Route, tier: int, states: Collection[State], kinds: Collection[CauseKind], at: datetime
) -> bool:
    return (
        (not route.states or any(state in route.states for state in states))
        and (not route.tiers or tier in route.tiers)
        and (not route.kinds or any(kind in route.kinds for kind in kinds))
        and not route.is_quiet(at)
    )
