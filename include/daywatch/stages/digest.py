"""The digest of a team: built from the warehouse, mailed once a day at most."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from daywatch.config.deployment.connections import SMTP_CONNECTION
from daywatch.config.loading.load import load_model, model_files
from daywatch.config.model.alerts import Rhythm
from daywatch.errors import ConfigurationError, SetupError
from daywatch.incidents.listing import list_incidents
from daywatch.incidents.store import digest_of
from daywatch.notify.decide import MailKind
from daywatch.notify.message import message_id
from daywatch.notify.smtp import Delivery, send, sender_address
from daywatch.report.content import Link
from daywatch.report.digest import BackfillRow, Digest, DigestRow
from daywatch.report.links import incident_page
from daywatch.results import State
from daywatch.stages.alert import deliver_once
from daywatch.stages.workspace import StageClock
from daywatch.warehouse import tables
from daywatch.warehouse.database import transaction
from daywatch.warehouse.overview import model_overviews
from daywatch.window import Window

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.model import MonitoredModel
    from daywatch.incidents.types import StoredIncident
    from daywatch.warehouse.overview import ModelOverview

_MONDAY = 0


def due_owners(day: date, deployment: Deployment) -> list[str]:
    """Return the teams that get a digest on a day: weekly ones on Mondays, and those whose past was judged.

    A model whose file has errors is left out: its error is shown where Airflow shows those of DAG files.

    Args:
        day: The day.
        deployment: Where the models' files and the warehouse are.
    """
    with transaction(deployment.warehouse_url) as connection:
        waiting = {row.model for row in _waiting(connection)}
    due = {
        model.owner
        for model in _models(deployment)
        if model.alerts.digest is Rhythm.DAILY
        or (model.alerts.digest is Rhythm.WEEKLY and (day.weekday() == _MONDAY or model.model in waiting))
    }
    return sorted(due)


def send_digest(owner: str, day: date, deployment: Deployment, sent_at: datetime) -> Digest | None:
    """Mail a team's digest, once a day, and return what it showed; None where there was nothing to show.

    Args:
        owner: The team, as the models' files name it.
        day: The day.
        deployment: Connections, and where the models' files and the warehouse are.
        sent_at: Time of the run.

    Raises:
        SetupError: There is no mail connection, or the server refuses for good.
        InfrastructureError: A server did not answer.
    """
    clock = StageClock("digest", f"{owner} {day}")
    models = [
        one for one in _models(deployment) if one.owner == owner and one.alerts.digest is not Rhythm.NEVER
    ]
    names = frozenset(one.model for one in models)
    with transaction(deployment.warehouse_url) as connection:
        overviews = model_overviews(connection, 1, names)
        incidents = list_incidents(connection, models=names)
        waiting = [row for row in _waiting(connection) if row.model in names]
    daily = all(one.alerts.digest is Rhythm.DAILY for one in models)
    content = build_digest(owner, day, models, overviews, incidents, waiting, deployment.airflow_url)
    if not models or (daily and not content.bad and not waiting):
        clock.done("no mail, everything is GREEN")
        return None
    contacts = tuple(dict.fromkeys(address for one in models for address in one.contacts))
    key = (digest_of("digest", owner, day), f"digest of {owner}"[:250])
    delivery = deliver_once(
        key,
        {"subject": content.subject, "model": ""},
        lambda: _mail(content, contacts, deployment, sent_at),
        deployment.warehouse_url,
        sent_at,
    )
    with transaction(deployment.warehouse_url) as connection:
        _mark(connection, waiting, sent_at)
    clock.done(_sentence(delivery))
    return content


def build_digest(
    owner: str,
    day: date,
    models: Sequence[MonitoredModel],
    overviews: Iterable[ModelOverview],
    incidents: Iterable[StoredIncident],
    waiting: Iterable[Any],
    airflow_url: str,
) -> Digest:
    """Return the content of a digest.

    Args:
        owner: The team.
        day: The day.
        models: Its models.
        overviews: Their last judged windows, of those that have one.
        incidents: Their open incidents.
        waiting: Windows of backfills that no digest has shown.
        airflow_url: Address of Airflow, empty where it is not known.
    """
    by_model = {one.model: one for one in overviews}
    roots = [one for one in incidents if not one.parent_id]
    rows = [
        _row(
            model, by_model.get(model.model), [one for one in roots if model.model in one.models], airflow_url
        )
        for model in models
    ]
    rows.sort(key=lambda row: (-(row.state.rank if row.state else -1), row.tier, row.since, row.model))
    page = f"{airflow_url}/daywatch/" if airflow_url else ""
    links = (Link(title="All models in Airflow", url=page),) if page else ()
    return Digest(owner=owner, day=day, rows=tuple(rows), backfills=_backfills(waiting), links=links)


def _row(
    model: MonitoredModel, overview: ModelOverview | None, incidents: list[StoredIncident], airflow_url: str
) -> DigestRow:
    last = overview.windows[-1] if overview is not None and overview.windows else None
    first = incidents[0] if incidents else None
    page = incident_page(airflow_url)
    reason = last.short if last is not None and last.state is not State.GREEN else ""
    return DigestRow(
        model=model.model,
        tier=model.tier,
        state=last.state if last else None,
        window=last.window if last else "",
        since=first.first_key if first else "",
        days=first.windows if first else 0,
        cause=first.sentence if first else reason,
        acknowledged_by=first.acknowledged_by if first else "",
        more=max(0, len(incidents) - 1),
        link=f"{page}{first.incident_id}" if first and page else "",
    )


def _models(deployment: Deployment) -> list[MonitoredModel]:
    """Return the configurations that have no errors."""
    found = []
    for path in model_files(deployment.models):
        try:
            found.append(load_model(path))
        except ConfigurationError:
            continue
    return found


def _waiting(connection: sa.Connection) -> list[Any]:
    """Return the windows of backfills that no digest has shown."""
    mails = tables.notification
    query = sa.select(mails).where(mails.c.kind == MailKind.BACKFILL.value, mails.c.sent_at.is_(None))
    return list(connection.execute(query.order_by(mails.c.model, mails.c.window_start)))


def _mark(connection: sa.Connection, waiting: Iterable[Any], sent_at: datetime) -> None:
    """Store that a digest has shown windows of backfills."""
    mails = tables.notification
    for row in waiting:
        same = (
            mails.c[name] == getattr(row, name)
            for name in ("model", "window_start", "window_end", "revision")
        )
        connection.execute(sa.update(mails).where(*same).values(sent_at=sent_at))


def _backfills(waiting: Iterable[Any]) -> tuple[BackfillRow, ...]:
    by_model: dict[str, dict[Window, State]] = {}
    for row in waiting:
        by_model.setdefault(row.model, {})[Window(row.window_start, row.window_end)] = State(row.state)
    rows = []
    for model, windows in sorted(by_model.items()):
        states = list(windows.values())
        counts = tuple(
            (state, states.count(state)) for state in sorted(State, reverse=True) if state in states
        )
        days = [one.key for one in sorted(windows)]
        rows.append(BackfillRow(model=model, first=days[0], last=days[-1], windows=len(days), states=counts))
    return tuple(rows)


def _sentence(delivery: Delivery | None) -> str:
    """Return what was done as a sentence."""
    if delivery is None:
        return "no mail, it was sent before"
    refused = ", ".join(f"{name} ({answer})" for name, answer in delivery.refused)
    return f"mailed to {', '.join(delivery.accepted)}{f', refused for {refused}' if refused else ''}"


def _mail(content: Digest, contacts: tuple[str, ...], deployment: Deployment, sent_at: datetime) -> Delivery:
    from daywatch.report.render import render_digest

    smtp = deployment.smtp
    if smtp is None:
        msg = f"The digest cannot be sent: create the Airflow connection {SMTP_CONNECTION!r}."
        raise SetupError(msg)
    mail_id = message_id(content.thread, content.day.isoformat(), "mail", "digest")
    return send(render_digest(content), contacts, smtp, sender_address(smtp), mail_id, sent_at)
