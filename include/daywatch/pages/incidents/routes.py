"""The addresses of incidents. An incident may concern several models; who acts on it needs the right on all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from daywatch.errors import SetupError
from daywatch.incidents.acts import LONGEST_NOTE, Doing, act_on
from daywatch.incidents.listing import find_incident, list_incidents, timeline
from daywatch.incidents.types import EventKind
from daywatch.pages.access import DeploymentDep, Editor, ReadableModels, Reader, from_own_page
from daywatch.pages.responses import message, page, redirect
from daywatch.warehouse.reading.pool import reading
from daywatch.window import KEY_FORM

# The name of a model has no dash, so no model's address can begin like these.
router = APIRouter(prefix="/-/incidents")

IncidentId = Annotated[str, Path(pattern=r"^[0-9a-f]{12}-\d{4}-\d{2}-\d{2}(T\d{4})?$")]

_WINDOW_OF_MODEL = rf"^([a-z][a-z0-9_]{{0,62}}/{KEY_FORM})?$"
"""The addresses below ours to which an act may lead back: none of another site."""

_SHOWN = 200


class Action(StrEnum):
    """What people do about an incident, as its address names it."""

    ACKNOWLEDGE = "acknowledge"
    SNOOZE = "snooze"
    COMMENT = "comment"
    CLOSE = "close"


_KINDS = {
    Action.ACKNOWLEDGE: EventKind.ACKNOWLEDGED,
    Action.SNOOZE: EventKind.SNOOZED,
    Action.COMMENT: EventKind.COMMENTED,
    Action.CLOSE: EventKind.CLOSED_BY_HAND,
}


@router.get("")
def incidents(
    request: Request,
    deployment: DeploymentDep,
    readable: ReadableModels,
    model: Annotated[str, Query(max_length=63)] = "",
    *,
    closed: bool = False,
) -> Response:
    """Show the open incidents of the models that the reader may see, the worst first."""
    models = frozenset({model}) & readable if model else readable
    with reading(deployment.warehouse_url) as connection:
        found = list_incidents(connection, models=models, closed=closed)
    return page(
        request,
        "incidents.html.j2",
        incidents=found[:_SHOWN],
        more=max(0, len(found) - _SHOWN),
        closed=closed,
        model=model,
    )


@router.get("/{incident_id}")
def incident(
    request: Request,
    incident_id: IncidentId,
    deployment: DeploymentDep,
    readable: ReadableModels,
    can_edit: Editor,
) -> Response:
    """Show one incident with its timeline."""
    with reading(deployment.warehouse_url) as connection:
        try:
            found = find_incident(connection, incident_id, models=readable)
        except SetupError:
            return _unknown(request)
        events = timeline(connection, found)
    return page(
        request,
        "incident.html.j2",
        incident=found,
        events=events,
        can_edit=all(can_edit(name) for name in found.models),
        longest=LONGEST_NOTE,
    )


@router.post("/{incident_id}/{action}", dependencies=[Depends(from_own_page)])
def act(
    request: Request,
    incident_id: IncidentId,
    action: Action,
    deployment: DeploymentDep,
    reader: Reader,
    can_edit: Editor,
    note: Annotated[str, Form(max_length=LONGEST_NOTE)] = "",
    hours: Annotated[int, Form(ge=1, le=24 * 90)] = 24,
    back: Annotated[str, Form(pattern=_WINDOW_OF_MODEL)] = "",
) -> Response:
    """Store what the reader does about an incident, and lead back to the window's page with the form, if it was one."""
    try:
        _check_rights(incident_id, deployment, can_edit)
        now = datetime.now(UTC)
        until = now + timedelta(hours=hours) if action is Action.SNOOZE else None
        found = act_on(deployment, incident_id, Doing(_KINDS[action], reader, now, note.strip(), until))
    except SetupError as error:
        return message(request, 400, str(error))
    return redirect(f"{request.scope['root_path']}/{back or f'-/incidents/{found.incident_id}'}")


def _check_rights(incident_id: str, deployment: DeploymentDep, can_edit: Editor) -> None:
    """Check that the reader may change all models that share an incident.

    Raises:
        HTTPException: The reader may not, status 403.
        SetupError: There is no such incident.
    """
    with reading(deployment.warehouse_url) as connection:
        found = find_incident(connection, incident_id)
    if not all(can_edit(name) for name in found.models):
        raise HTTPException(403)


def _unknown(request: Request) -> Response:
    text = (
        "There is no such incident, or none of models that you may see: its windows may have been judged again and "
        "are not bad any more."
    )
    return message(request, 404, text)
