"""The stage ``notify``: send the mail when verdict or incidents call for one, and remember that it was sent."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from daywatch.alerts.message import Message
from daywatch.alerts.routes import mail_addresses, receivers_of
from daywatch.config.deployment.connections import SMTP_CONNECTION
from daywatch.errors import DaywatchError, InfrastructureError, SetupError
from daywatch.incidents.news import WindowNews, news_of
from daywatch.incidents.store import digest_of
from daywatch.notify.decide import QUIET, should_notify
from daywatch.notify.message import message_id
from daywatch.notify.refusals import for_now
from daywatch.notify.smtp import send, sender_address
from daywatch.report.content import Report
from daywatch.run import StageRun, WindowRun
from daywatch.stages.alert import post_incidents, put_metrics, send_messages
from daywatch.stages.record import record_stages
from daywatch.stages.workspace import StageClock, open_workspace
from daywatch.warehouse.claims import CLAIM
from daywatch.warehouse.database import transaction
from daywatch.warehouse.notifications import (
    Notification,
    claim,
    end_claim,
    known_state,
    stored_notification,
)
from daywatch.warehouse.record import window_key

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.stages.workspace import Workspace

_QUIET = tuple(kind.value for kind in QUIET)
_SECONDS_BETWEEN = 1.0
"""Between two looks at a mail that another run is sending, and between two tries to remember one."""

_TRIES_TO_REMEMBER = 3


def notify(
    run: WindowRun,
    stages: Iterable[StageRun],
    deployment: Deployment,
    sent_at: datetime,
    *,
    backfill: bool = False,
) -> StageRun:
    """Mail what the stage ``report`` rendered, on a change of state and on news of an incident.

    Delivery is at least once. The decision is stored first, then that this run sends the mail, and that it was
    sent after the server accepted it. Runs side by side wait for the one that sends. After a crash in between,
    the next try sends the mail again under the same Message-ID; after that, a retry sends nothing. Recipients
    who were refused for now get the mail on the retry, alone.

    Args:
        run: The window's run.
        stages: Seconds and counts of the stages since ``record``, stored with this stage's own.
        deployment: Addresses and connections of storage, warehouse and mail server.
        sent_at: Time of the run, for the mail's ``Date`` and for the warehouse.
        backfill: Whether the window is one of a past that is judged as a whole: it is a line of one digest.

    Raises:
        SetupError: There is a mail to send but no mail connection, it cannot be used as it is written, or the
            mail server refuses for good.
        InfrastructureError: A server did not answer, or refuses for now.
    """
    clock = StageClock("notify", f"{run.model} {run.window}")
    with open_workspace(run, deployment) as workspace:
        content = workspace.read(Report, run.folder.report)
        with transaction(deployment.warehouse_url) as connection:
            news = news_of(connection, run.model, run.window, sent_at)
        of_past = backfill and not workspace.model.schedule.is_over(sent_at)
        decided = _decision(workspace, content, news, sent_at, backfill=of_past)
        with transaction(deployment.warehouse_url) as connection:
            stored = stored_notification(connection, window_key(run.model, run.window, run.revision), decided)
        errors = [] if of_past else post_incidents(workspace.model, news, deployment, sent_at)
        errors += [] if of_past else put_metrics(workspace, sent_at)
        if stored.kind not in QUIET:
            message = _message(workspace, stored)
            errors += send_messages(workspace.model, stored.receivers, message, deployment, sent_at)
        try:
            sentence = _mail_once(workspace, decided, sent_at)
        except DaywatchError as error:
            errors.append(error)
    if errors:
        raise _together(errors)
    notified = clock.done(sentence)
    with transaction(deployment.warehouse_url) as connection:
        record_stages(connection, run, [*stages, notified])
    return notified


def _together(errors: Sequence[DaywatchError]) -> DaywatchError:
    """Return one error that says what went wrong with each receiver; a retry where it helps one of them."""
    if len(errors) == 1:
        return errors[0]
    again = any(isinstance(error, InfrastructureError) for error in errors)
    return (InfrastructureError if again else SetupError)(" ".join(map(str, errors)))


def _message(workspace: Workspace, stored: Notification) -> Message:
    """Return what services get of a window."""
    from daywatch.report.render import RenderedReport

    run = workspace.run
    rendered = workspace.read(RenderedReport, run.folder.mail)
    return Message(
        key=digest_of(run.model, run.window.key, run.revision, stored.kind),
        model=run.model,
        state=stored.state,
        title=rendered.subject,
        body=rendered.brief,
    )


def _decision(
    workspace: Workspace, content: Report, news: WindowNews, sent_at: datetime, *, backfill: bool
) -> dict[str, Any]:
    """Return the decision for this revision as a row; it counts if it is the revision's first.

    Windows may be judged at the same time, and a rerun may find that the window before it changed. Without the
    stored decision, the rerun could send a second mail.
    """
    run, state = workspace.run, content.verdict.state
    with transaction(workspace.deployment.warehouse_url) as connection:
        known = known_state(connection, run.model, run.window, run.revision, _QUIET)
    decision = should_notify(state, content.previous_state, known, news, backfill=backfill)
    causes = (one.kind for one in content.verdict.root_causes())
    kinds = {*causes, *(one.kind for one in news.incidents)}
    states = {state, *(one.state for one in news.incidents if one.happened)}
    return {
        "kind": decision.kind.value,
        "state": state.value,
        "reason": decision.reason,
        "message_id": message_id(run.model, run.window.key, run.revision, decision.kind),
        "recipients": [],
        "refused": {},
        "sent_at": None,
        "receivers": list(receivers_of(workspace.model, states, kinds, sent_at)),
    }


def _mail_once(workspace: Workspace, decided: dict[str, Any], sent_at: datetime) -> str:
    """Send the mail if one is due and nobody has sent it; return what was done as a sentence."""
    run, url = workspace.run, workspace.deployment.warehouse_url
    key = window_key(run.model, run.window, run.revision)
    last_look = time.monotonic() + 2 * CLAIM.total_seconds()
    while True:
        with transaction(url) as connection:
            stored = stored_notification(connection, key, decided)
            if stored.kind in QUIET:
                return f"no mail, {stored.reason}"
            if stored.sent_at is not None and not for_now(stored.refused.items()):
                return "no mail, it was sent before"
            claimed = claim(connection, key)
        if claimed:
            return _send(workspace, stored, sent_at)
        if time.monotonic() > last_look:
            msg = f"Another run has been sending the mail of {run.model} {run.window} for minutes; a retry looks again."
            raise InfrastructureError(msg)
        time.sleep(_SECONDS_BETWEEN)


def _send(workspace: Workspace, stored: Notification, sent_at: datetime) -> str:
    """Send the claimed mail, store that it was sent, and return what was done as a sentence."""
    run, url = workspace.run, workspace.deployment.warehouse_url
    key = window_key(run.model, run.window, run.revision)
    try:
        outcome = _deliver(workspace, stored, sent_at)
        _remember(key, outcome, url)
    except BaseException:
        with suppress(DaywatchError), transaction(url) as connection:  # the claim expires by itself
            end_claim(connection, key)
        raise
    refused = ", ".join(f"{name} ({answer})" for name, answer in sorted(outcome["refused"].items()))
    if later := for_now(outcome["refused"].items()):
        names = ", ".join(f"{name} ({answer})" for name, answer in sorted(later))
        msg = f"The mail server refused {names} for now; the others have the mail. A retry mails them alone."
        raise InfrastructureError(msg)
    if not outcome["recipients"]:
        return f"no mail, {stored.state} goes to {', '.join(stored.receivers) or 'nobody but the digest'}"
    return f"mailed {stored.state} to {', '.join(outcome['recipients'])}{f', refused for {refused}' if refused else ''}"


def _deliver(workspace: Workspace, stored: Notification, sent_at: datetime) -> dict[str, Any]:
    """Hand the mail to the server, for all who do not have it, and return what is stored about it."""
    from daywatch.report.render import RenderedReport

    run, smtp = workspace.run, workspace.deployment.smtp
    addresses = mail_addresses(workspace.model, stored.receivers)
    if not addresses:
        return {"recipients": [], "refused": {}, "sent_at": sent_at}
    if smtp is None:
        msg = f"{stored.reason} The mail cannot be sent: create the Airflow connection {SMTP_CONNECTION!r}."
        raise SetupError(msg)
    mail_id = message_id(run.model, run.window.key, run.revision, stored.kind)
    rendered = workspace.read(RenderedReport, run.folder.mail)
    left = tuple(name for name, _ in for_now(sorted(stored.refused.items())))
    sender = sender_address(smtp)
    delivery = send(rendered, addresses, smtp, sender, mail_id, sent_at, only=left)
    for_good = {name: answer for name, answer in stored.refused.items() if name not in left}
    return {
        "recipients": [*stored.recipients, *delivery.accepted],
        "refused": {**for_good, **dict(delivery.refused)},
        "sent_at": stored.sent_at or sent_at,
    }


def _remember(key: dict[str, Any], outcome: dict[str, Any], url: str) -> None:
    """Store what came of a claim, and end it; what is forgotten here is mailed a second time."""
    for tries_left in reversed(range(_TRIES_TO_REMEMBER)):
        try:
            with transaction(url) as connection:
                end_claim(connection, key, **outcome)
        except InfrastructureError:
            if not tries_left:
                raise
            time.sleep(_SECONDS_BETWEEN)
        else:
            return
