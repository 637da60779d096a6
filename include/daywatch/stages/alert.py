"""What the stage ``notify`` sends besides the mail: messages to services, and incidents to Alertmanagers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from daywatch.alerts.routes import receivers_of
from daywatch.config.model.alerts import AlertmanagerReceiver, AppriseReceiver, SnsReceiver
from daywatch.errors import DaywatchError, InfrastructureError, SetupError
from daywatch.incidents.store import digest_of
from daywatch.judge.evidence import read_evidence
from daywatch.report.links import incident_page
from daywatch.verdicts import Verdict
from daywatch.warehouse.claims import CLAIM
from daywatch.warehouse.database import transaction
from daywatch.warehouse.deliveries import begin_delivery, end_delivery

if TYPE_CHECKING:
    from daywatch.alerts.message import Message
    from daywatch.config.deployment.connections import Connection
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.alerts import Receiver
    from daywatch.config.model.model import MonitoredModel
    from daywatch.incidents.news import WindowNews
    from daywatch.stages.workspace import Workspace

T = TypeVar("T")

_SECONDS_BETWEEN = 1.0
_OLDEST_METRICS = timedelta(days=14)


def send_messages(
    model: MonitoredModel, receivers: Iterable[str], message: Message, deployment: Deployment, at: datetime
) -> list[DaywatchError]:
    """Send a message to each service that does not have it yet, and return what went wrong.

    One service that is away keeps the message from no other one, and a retry sends it to that one alone.

    Args:
        model: The model's configuration.
        receivers: Names of receivers; those that get mails or alerts are left to others.
        message: The message.
        deployment: Connections and the warehouse.
        at: Time of the run.
    """
    errors = []
    for name in receivers:
        receiver = model.alerts.receivers.get(name)
        if isinstance(receiver, AppriseReceiver | SnsReceiver):
            try:
                _send_once(name, receiver, message, deployment, at)
            except DaywatchError as error:
                errors.append(error)
    return errors


def post_incidents(
    model: MonitoredModel, news: WindowNews, deployment: Deployment, at: datetime
) -> list[DaywatchError]:
    """Post a model's open incidents, and those that the window closed, to Alertmanagers; return what went wrong.

    Args:
        model: The model's configuration.
        news: The incidents of the window.
        deployment: Connections, and the address of Airflow.
        at: Time of the run.
    """
    from daywatch.alerts.alertmanager import alerts_of, post

    errors: list[DaywatchError] = []
    for name, receiver in model.alerts.receivers.items():
        if not isinstance(receiver, AlertmanagerReceiver):
            continue
        routed = [one for one in news.incidents if name in receivers_of(model, one.states, (one.kind,), at)]
        if routed:
            try:
                alerts = alerts_of(model, routed, at, incident_page(deployment.airflow_url))
                post(alerts, receiver.connection, _connection(receiver.connection, deployment))
            except DaywatchError as error:
                errors.append(error)
    return errors


def put_metrics(workspace: Workspace, at: datetime) -> list[DaywatchError]:
    """Put a window's metrics into CloudWatch once, where the YAML asks for it; return what went wrong.

    CloudWatch takes no metrics that are older than two weeks: those of older windows are not sent.

    Args:
        workspace: The stage's workspace.
        at: Time of the run.
    """
    from daywatch.alerts.cloudwatch import OURS, THEIRS, monitor_metrics, own_metrics, put

    run, model, deployment = workspace.run, workspace.model, workspace.deployment
    settings = model.model_monitor.cloudwatch
    if settings is None or at - run.window.end > _OLDEST_METRICS:
        return []
    evidence = read_evidence(run, workspace.artifacts, model)
    state = workspace.read(Verdict, run.folder.verdict).state
    theirs = monitor_metrics(settings, model, run.window, evidence.profile, evidence.metrics)
    ours = own_metrics(model.model, run.window, state, evidence.metrics)
    about = {"subject": f"metrics of {run.model} {run.window}", "model": run.model}
    key = digest_of(run.model, run.window.key, run.revision, "cloudwatch")
    try:
        deliver_once(
            (key, "cloudwatch"),
            about,
            lambda: put(settings, ((THEIRS, theirs), (OURS, ours)), deployment.cloudwatch),
            deployment.warehouse_url,
            at,
        )
    except DaywatchError as error:
        return [error]
    return []


def _send_once(name: str, receiver: Receiver, message: Message, deployment: Deployment, at: datetime) -> None:
    """Send a message unless it was sent; wait for another run that is sending it.

    Raises:
        SetupError: Only a person can help.
        InfrastructureError: A later try may succeed.
    """
    deliver_once(
        (message.key, name),
        {"subject": message.title, "model": message.model},
        lambda: _send(receiver, message, deployment),
        deployment.warehouse_url,
        at,
    )


def deliver_once(
    key: tuple[str, str], about: dict[str, str], send: Callable[[], T], url: str, at: datetime
) -> T | None:
    """Deliver a message unless it was delivered, and return what came of it; None where it was delivered before.

    Args:
        key: The message's key, and the receiver's name.
        about: The message's subject, and the name of its model.
        send: Delivers it, and returns what came of it.
        url: Address of the warehouse.
        at: Time of the run.

    Raises:
        InfrastructureError: Another run has been delivering it for minutes; or what ``send`` raises.
    """
    last_look = time.monotonic() + 2 * CLAIM.total_seconds()
    while True:
        with transaction(url) as connection:
            sent_at, mine = begin_delivery(connection, *key, about)
        if sent_at is not None:
            return None
        if mine:
            break
        if time.monotonic() > last_look:
            msg = f"Another run has been sending {about['subject']!r} to {key[1]} for minutes; a retry looks again."
            raise InfrastructureError(msg)
        time.sleep(_SECONDS_BETWEEN)
    try:
        outcome = send()
    except BaseException:
        with suppress(DaywatchError), transaction(url) as connection:  # the claim expires by itself
            end_delivery(connection, *key, None)
        raise
    with transaction(url) as connection:
        end_delivery(connection, *key, at)
    return outcome


def _send(receiver: Receiver, message: Message, deployment: Deployment) -> None:
    from daywatch.alerts.apprise_service import send_by_apprise
    from daywatch.alerts.sns_topic import publish

    if isinstance(receiver, AppriseReceiver):
        send_by_apprise(message, receiver.connection, _connection(receiver.connection, deployment))
    elif isinstance(receiver, SnsReceiver):
        publish(message, receiver, deployment.sns)


def _connection(name: str, deployment: Deployment) -> Connection:
    """Return a connection by its id.

    Raises:
        SetupError: There is no such connection.
    """
    found = deployment.connections(name)
    if found is None:
        msg = f"There is no Airflow connection {name!r}, which a receiver under 'alerts' names: create it."
        raise SetupError(msg)
    return found
