"""The stage ``notify``: send the mail when the verdict calls for one, and remember that it was sent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from daywatch.config.deployment.connections import SMTP_CONNECTION
from daywatch.errors import SetupError
from daywatch.notify.decide import QUIET, Decision, MailKind, should_notify
from daywatch.notify.message import message_id
from daywatch.notify.smtp import send, sender_address
from daywatch.report.content import Report
from daywatch.run import StageRun, WindowRun
from daywatch.stages.record import record_stages
from daywatch.stages.workspace import StageClock, open_workspace
from daywatch.warehouse import tables
from daywatch.warehouse.database import transaction
from daywatch.warehouse.record import insert_if_new, window_key

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.stages.workspace import Workspace


def notify(run: WindowRun, stages: Iterable[StageRun], deployment: Deployment, sent_at: datetime) -> StageRun:
    """Mail what the stage ``report`` rendered, on RED and on a change of state.

    Delivery is at least once. The decision is stored first, and that the mail was sent is stored after the
    server accepted it. After a crash in between, the next try sends the mail again under the same Message-ID;
    after that, a retry sends nothing.

    Args:
        run: The window's run.
        stages: Seconds and counts of the stages since ``record``, stored with this stage's own.
        deployment: Addresses and connections of storage, warehouse and mail server.
        sent_at: Time of the run, for the mail's ``Date`` and for the warehouse.

    Raises:
        SetupError: There is a mail to send but no mail connection, it cannot be used as it is written, or the
            mail server refuses for good.
        InfrastructureError: A server did not answer, or refuses for now.
    """
    clock = StageClock("notify", f"{run.model} {run.window}")
    with open_workspace(run, deployment) as workspace:
        content = workspace.read(Report, run.folder.report)
        decision, sent = _stored_decision(run, content, deployment)
        if not decision.send:
            sentence = f"no mail, {decision.reason}"
        elif sent:
            sentence = "no mail, it was sent before"
        else:
            sentence = _send(workspace, decision, sent_at)
    notified = clock.done(sentence)
    with transaction(deployment.warehouse_url) as connection:
        record_stages(connection, run, [*stages, notified])
    return notified


def _stored_decision(run: WindowRun, content: Report, deployment: Deployment) -> tuple[Decision, bool]:
    """Return the decision for this revision, and whether its mail was sent; the first decision counts.

    Windows may be judged at the same time, and a rerun may find that the window before it changed. Without the
    stored decision, the rerun could send a second mail.
    """
    decision = should_notify(content.verdict.state, content.previous_state, content.earlier_state)
    row: dict[str, Any] = {
        "kind": decision.kind.value,
        "state": content.verdict.state.value,
        "reason": decision.reason,
        "message_id": message_id(run.model, run.window.key, run.revision, decision.kind),
        "recipients": [],
        "refused": {},
        "sent_at": None,
    }
    key = window_key(run.model, run.window, run.revision)
    table = tables.notification
    with transaction(deployment.warehouse_url) as connection:
        insert_if_new(connection, table, {**key, **row})
        stored = connection.execute(sa.select(table).where(*_of(key))).one()
    kind = MailKind(stored.kind)
    return Decision(kind not in QUIET, kind, stored.reason), stored.sent_at is not None


def _of(key: dict[str, Any]) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that select the row of a window's revision."""
    return [tables.notification.c[name] == value for name, value in key.items()]


def _send(workspace: Workspace, decision: Decision, sent_at: datetime) -> str:
    """Send the mail, store that it was sent, and return what was done as a sentence."""
    from daywatch.report.render import RenderedReport

    run, deployment = workspace.run, workspace.deployment
    if deployment.smtp is None:
        msg = f"{decision.reason} The mail cannot be sent: create the Airflow connection {SMTP_CONNECTION!r}."
        raise SetupError(msg)
    mail_id = message_id(run.model, run.window.key, run.revision, decision.kind)
    sender = sender_address(deployment.smtp)
    rendered = workspace.read(RenderedReport, run.folder.mail)
    delivery = send(rendered, workspace.model.contacts, deployment.smtp, sender, mail_id, sent_at)
    outcome = {
        "recipients": [*delivery.accepted],
        "refused": dict(delivery.refused),
        "sent_at": sent_at,
    }
    _remember(run, outcome, deployment)
    refused = f", refused for {', '.join(name for name, _ in delivery.refused)}" if delivery.refused else ""
    return f"mailed {rendered.state} to {', '.join(delivery.accepted)}{refused}"


def _remember(run: WindowRun, outcome: dict[str, Any], deployment: Deployment) -> None:
    """Store that the mail was sent, and to whom."""
    key = window_key(run.model, run.window, run.revision)
    with transaction(deployment.warehouse_url) as connection:
        connection.execute(sa.update(tables.notification).where(*_of(key)).values(**outcome))
