"""Mails about the pipeline itself: a task failed, or a day is late. The stage ``notify`` mails verdicts."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from airflow.sdk.bases.notifier import BaseNotifier
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert
from airflow.sdk.exceptions import AirflowFailException

from daywatch.config.deployment.settings import read_settings
from daywatch.orchestration.deployment import async_mail_connection, mail_connection
from daywatch.orchestration.lateness import FirstQueuedAt
from daywatch.report.content import Link
from daywatch.report.notice import MonitoredName, failed_notice
from daywatch.report.notice import late_notice as late_content

if TYPE_CHECKING:
    from daywatch.config.deployment.connections import Connection
    from daywatch.config.model.model import MonitoredModel
    from daywatch.report.notice import Notice
    from daywatch.retrain.new_version import NewVersion

_ENDED = ("success", "failed")


class FailureNotice(BaseNotifier):
    """Mails the model's contacts when a task has failed and has no retry left.

    Args:
        name: The model, as the fields of ``MonitoredName``.
        contacts: Addresses of the recipients.
    """

    def __init__(self, name: dict[str, Any], contacts: Sequence[str]) -> None:
        super().__init__()
        self.name, self.contacts = name, list(contacts)

    def notify(self, context: Any) -> None:
        """Send the mail. Airflow calls it in the task, or in the DAG processor when the task was killed."""
        task = context["ti"]
        window = getattr(context.get("dag_run"), "partition_key", None) or task.run_id
        notice = failed_notice(
            MonitoredName(**self.name),
            task.dag_id,
            task.task_id,
            str(window),
            _sentence(context.get("exception")),
            (Link(title="Log of the task", url=task.log_url), *_run_links(task.dag_id, task.run_id)),
        )
        once = f"{task.dag_id}/{task.run_id}/{task.task_id}/{task.map_index}/{task.try_number}"
        _send(notice, self.contacts, mail_connection(), once)


class LateNotice(BaseNotifier):
    """Mails the model's contacts when a run takes too long; nothing for a run that has ended.

    Airflow keeps the deadline of a run that failed or was marked, and calls this when the deadline has passed.

    Args:
        name: The model, as the fields of ``MonitoredName``.
        contacts: Addresses of the recipients.
        minutes: Minutes in which the run should have ended.
        context: The run, in the form of Airflow's REST API; Airflow passes it.
    """

    def __init__(
        self, name: dict[str, Any], contacts: Sequence[str], minutes: int, context: Any = None
    ) -> None:
        super().__init__(context)
        self.name, self.contacts, self.minutes = name, list(contacts), minutes

    async def async_notify(self, context: Any) -> None:
        """Send the mail. Airflow calls it in the triggerer, whose event loop must not wait for a server."""
        run = context["dag_run"]
        if run["state"] in _ENDED:
            return
        dag, run_id = run["dag_id"], run["dag_run_id"]
        notice = late_content(
            MonitoredName(**self.name),
            dag,
            str(run["partition_key"] or run_id),
            self.minutes,
            _run_links(dag, run_id),
        )
        connection = await async_mail_connection()
        await asyncio.to_thread(_send, notice, self.contacts, connection, f"{dag}/{run_id}/{self.minutes}")


def failure_notice(model: MonitoredModel) -> FailureNotice:
    """Return the callback that mails the model's contacts when a task has failed and has no retry left."""
    return FailureNotice(_name(model), model.contacts)


def late_notice(model: MonitoredModel) -> DeadlineAlert:
    """Return the deadline that mails the model's contacts when a run takes longer than its schedule allows."""
    minutes = model.schedule.deadline_minutes
    return DeadlineAlert(
        reference=FirstQueuedAt(),
        interval=timedelta(minutes=minutes),
        callback=AsyncCallback(
            LateNotice,
            kwargs={"name": _name(model), "contacts": list(model.contacts), "minutes": minutes},
        ),
    )


def mail_comparison(
    model: MonitoredModel, new: NewVersion, window: str, run_id: str, *, promoted: bool
) -> None:
    """Mail the model's contacts how a new version compares with the one in production.

    Args:
        model: The model's configuration.
        new: The version with its comparison.
        window: The last window that it was trained and compared on.
        run_id: Id of the retraining run.
        promoted: Whether the version is promoted.

    Raises:
        SetupError: There is no mail connection, or it cannot be used.
        InfrastructureError: The mail server did not answer.
    """
    from daywatch.report.notice import retrained_notice
    from daywatch.retrain.compare import comparison_table

    comparison = new.comparison
    notice = retrained_notice(
        MonitoredName(**_name(model)),
        new.version,
        window,
        f"{comparison.reason} {comparison.warning}".strip(),
        comparison_table(comparison),
        _run_links(f"retrain__{model.model}", run_id),
        promoted=promoted,
    )
    _send(notice, model.contacts, mail_connection(), new.version)


def _name(model: MonitoredModel) -> dict[str, Any]:
    """Return what a notice says of a model, as Airflow can store it."""
    return MonitoredName(
        model=model.model,
        namespace=model.namespace,
        owner=model.owner,
        tier=model.tier,
        description=model.description,
    ).model_dump()


def _sentence(exception: object) -> str:
    """Return the text of an exception; Airflow gives a text in the place of some."""
    if exception is None or isinstance(exception, str):
        return exception or ""
    if isinstance(exception, AirflowFailException):
        return str(exception)  # The task wrapped another one, and its text begins with that one's name.
    return f"{type(exception).__name__}: {exception}"


def _run_links(dag: str, run_id: str) -> tuple[Link, ...]:
    """Return the link to a run's page, at the address that people use."""
    from airflow.sdk.configuration import conf

    address = read_settings(os.environ).airflow_url or conf.get("api", "base_url", fallback="")
    if not address:
        return ()
    return (Link(title="Run in Airflow", url=f"{address.rstrip('/')}/dags/{dag}/runs/{quote(run_id)}"),)


def _send(notice: Notice, contacts: Sequence[str], connection: Connection | None, once: str) -> None:
    """Render and send a notice.

    Args:
        notice: Content of the notice.
        contacts: Addresses of the recipients.
        connection: The mail server's connection.
        once: What the mail is about, so that a second copy of it has the same Message-ID.

    Raises:
        SetupError: There is no mail connection, or it cannot be used.
        InfrastructureError: The mail server did not answer.
    """
    import hashlib

    from daywatch.config.deployment.connections import SMTP_CONNECTION
    from daywatch.errors import SetupError
    from daywatch.notify.message import message_id
    from daywatch.notify.smtp import send, sender_address
    from daywatch.report.render import render_notice

    if connection is None:
        msg = f"The mail cannot be sent: create the Airflow connection {SMTP_CONNECTION!r}."
        raise SetupError(msg)
    digest = hashlib.sha256(once.encode()).hexdigest()[:16]
    mail_id = message_id(notice.model, notice.state.lower(), digest, "notice")
    send(render_notice(notice), contacts, connection, sender_address(connection), mail_id, datetime.now(UTC))
