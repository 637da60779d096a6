"""The stage ``notify``: send the mail when the verdict asks for one, and remember that it was sent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from daywatch.config.deployment.connections import SMTP_CONNECTION
from daywatch.errors import SetupError
from daywatch.notify.decide import QUIET, Decision, Kind, should_notify
from daywatch.notify.message import message_id
from daywatch.notify.smtp import send, sender_address
from daywatch.report.content import Report
from daywatch.run import StageRun, WindowRun
from daywatch.stages.record import record_stages
from daywatch.stages.workspace import StageClock, workplace
from daywatch.warehouse import tables
from daywatch.warehouse.database import transaction
from daywatch.warehouse.record import insert_if_new, window_key

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.stages.workspace import Workplace


def notify(run: WindowRun, stages: Iterable[StageRun], deployment: Deployment, sent_at: datetime) -> StageRun:
    """Mail what the stage ``report`` rendered, on RED and on a change of state.

    At least once: what was decided is stored first, and that it was sent after the server took it, so a
    crash in between sends it again, under the same Message-ID; a retry after that sends nothing.

    Args:
        run: Which window.
        stages: Accounts of the stages since ``record``, stored beside its.
        deployment: Where mail server and warehouse are.
        sent_at: For the mail's Date and the record of it.

    Raises:
        SetupError: There is a mail to send but no mail connection, or it cannot be used as it is written.
        InfrastructureError: A server did not answer.
    """
    clock = StageClock("notify", f"{run.model} {run.window}")
    with workplace(run, deployment) as place:
        content = Report.model_validate_json(place.artifacts.read(run.folder.report))
        decision, sent = _decided(run, content, deployment)
        if not decision.send:
            sentence = f"no mail, {decision.reason}"
        elif sent:
            sentence = "no mail, it was sent before"
        else:
            sentence = _send(place, decision, sent_at)
    told = clock.done(sentence)
    with transaction(deployment.warehouse_url) as connection:
        record_stages(connection, run, [*stages, told])
    return told


def _decided(run: WindowRun, content: Report, deployment: Deployment) -> tuple[Decision, bool]:
    """Return what was decided for this revision, and whether its mail went out; the first decision counts.

    A day judged side by side with others may see another day before it on a rerun; what was decided once is
    not decided again, or the rerun would send a second mail.
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
    kind = Kind(stored.kind)
    return Decision(kind not in QUIET, kind, stored.reason), stored.sent_at is not None


def _of(key: dict[str, Any]) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that pick the row of a window's revision."""
    return [tables.notification.c[name] == value for name, value in key.items()]


def _send(place: Workplace, decision: Decision, sent_at: datetime) -> str:
    """Send the mail, store that it was sent, and return what was done as a sentence."""
    from daywatch.report.render import RenderedReport

    run, deployment = place.run, place.deployment
    if deployment.smtp is None:
        msg = f"{decision.reason} The mail cannot be sent: create the Airflow connection {SMTP_CONNECTION!r}."
        raise SetupError(msg)
    mail_id = message_id(run.model, run.window.key, run.revision, decision.kind)
    sender = sender_address(deployment.smtp)
    rendered = RenderedReport.model_validate_json(place.artifacts.read(run.folder.mail))
    delivery = send(rendered, place.model.contacts, deployment.smtp, sender, mail_id, sent_at)
    told = {
        "recipients": [*delivery.accepted],
        "refused": dict(delivery.refused),
        "sent_at": sent_at,
    }
    _remember(run, told, deployment)
    refused = f", refused by {', '.join(name for name, _ in delivery.refused)}" if delivery.refused else ""
    return f"mailed {rendered.state} to {', '.join(delivery.accepted)}{refused}"


def _remember(run: WindowRun, told: dict[str, Any], deployment: Deployment) -> None:
    """Store that the mail was sent, and who got it."""
    key = window_key(run.model, run.window, run.revision)
    with transaction(deployment.warehouse_url) as connection:
        connection.execute(sa.update(tables.notification).where(*_of(key)).values(**told))
