"""The addresses of a window: its page, the page at one revision, its curves, its files."""

from __future__ import annotations

import logging
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response, StreamingResponse

from daywatch.artifacts import WindowFolder
from daywatch.config.deployment.deployment import Deployment
from daywatch.incidents.acts import LONGEST_NOTE
from daywatch.incidents.listing import incidents_of_window
from daywatch.incidents.types import StoredIncident
from daywatch.pages.access import (
    CanEdit,
    DeploymentDep,
    Editor,
    Judge,
    ModelName,
    Reader,
    Revision,
    WindowKey,
    from_own_page,
    may_edit_model,
    may_read_model,
    window_of,
)
from daywatch.pages.configuration import known_model
from daywatch.pages.responses import headers, message, opened, page, redirect
from daywatch.pages.window.artifacts import Artifact
from daywatch.pages.window.content import content_of
from daywatch.pages.window.evidence import stored_evidence
from daywatch.rows.curves import ClassCurves, has_curves, stored_curves
from daywatch.storage import open_storage
from daywatch.warehouse.reading.pool import reading
from daywatch.warehouse.reading.revisions import (
    Neighbour,
    StoredRevision,
    neighbours,
    recorded_window,
    stored_revisions,
)

log = logging.getLogger("daywatch.pages")

router = APIRouter(dependencies=[Depends(may_read_model)])


@router.get("/{model}/{window}")
def window(
    request: Request,
    model: ModelName,
    window: WindowKey,
    deployment: DeploymentDep,
    can_edit: Editor,
    known_on: Annotated[date | None, Query()] = None,
) -> Response:
    """Show a window at its newest revision, or at the newest one recorded by the end of a day."""
    return _page(request, model, window, deployment, can_edit=can_edit, known_on=known_on)


@router.get("/{model}/{window}/{revision}")
def window_at_revision(
    request: Request,
    model: ModelName,
    window: WindowKey,
    revision: Revision,
    deployment: DeploymentDep,
    can_edit: Editor,
) -> Response:
    """Show a window at one revision."""
    return _page(request, model, window, deployment, can_edit=can_edit, revision=revision)


@router.get("/{model}/{window}/{revision}/curves")
def curves(
    request: Request, model: ModelName, window: WindowKey, revision: Revision, deployment: DeploymentDep
) -> Response:
    """Send the part of the page with the ROC curve and the calibration, which come from all rows."""
    _, _, revisions = _stored(model, window, deployment)
    shown = next((one for one in revisions if one.revision == revision), None)
    configured, problem = known_model(model, deployment)
    found: tuple[ClassCurves, ...] = ()
    if shown is None:
        problem = "There is no such revision."
    elif configured is not None and not has_curves(configured):
        problem = (
            "A ROC curve and a calibration need the probability of the positive class, or of each class "
            "(`probabilities`); this model has none."
        )
    elif configured is not None:
        try:
            found = stored_curves(shown.run, configured, deployment)
        except FileNotFoundError:
            problem = "The rows of this window or of its baseline are no longer stored."
    return page(request, "curves.html.j2", found=found, problem=problem)


@router.get("/{model}/{window}/{revision}/files/{artifact}")
def file(
    request: Request,
    model: ModelName,
    window: WindowKey,
    revision: Revision,
    artifact: Artifact,
    deployment: DeploymentDep,
    reader: Reader,
) -> Response:
    """Send a file as a download."""
    key = WindowFolder(model, window, revision).key(artifact)
    try:
        content = opened(open_storage(deployment.artifacts_uri, deployment).stream(key))
    except FileNotFoundError:
        text = f"There is no {artifact} of {model} for {window} at revision {revision}."
        return message(request, 404, text, model=model)
    if artifact.has_rows:
        log.info("%s downloaded %s of %s, %s", reader, artifact, model, window)
    named = {"Content-Disposition": f'attachment; filename="{model}-{window}-{artifact}"'}
    return StreamingResponse(content, 200, headers() | named, artifact.media_type)


@router.post("/{model}/{window}/judge", dependencies=[Depends(may_edit_model), Depends(from_own_page)])
def judge_again(request: Request, model: ModelName, window: WindowKey, judge: Judge) -> Response:
    """Start a run that judges a window again, and lead to the window's page."""
    judge(model, window_of(window))
    return redirect(f"{request.scope['root_path']}/{model}/{window}?started=1")


def _page(
    request: Request,
    model: str,
    key: str,
    deployment: Deployment,
    *,
    can_edit: CanEdit,
    revision: str | None = None,
    known_on: date | None = None,
) -> Response:
    previous, following, revisions = _stored(model, key, deployment)
    known = [one for one in revisions if known_on is None or one.recorded_at.date() <= known_on]
    shown = next((one for one in known if revision in (None, one.revision)), None)
    if shown is None:
        when = f" by {known_on}" if known_on else f" at revision {revision}" if revision else ""
        return message(request, 404, f"The window {key} of {model} was not judged{when}.", model=model)
    evidence, problem = stored_evidence(shown.run, deployment)
    configured, _ = known_model(model, deployment)
    return page(
        request,
        "window.html.j2",
        model=model,
        window=key,
        shown=shown,
        previous=previous,
        following=following,
        revisions=revisions,
        problem=problem,
        content=content_of(evidence, configured) if evidence else None,
        counts=evidence.counts if evidence else None,
        files=tuple(Artifact),
        incidents=[
            (one, all(can_edit(name) for name in one.models)) for one in _incidents(model, key, deployment)
        ],
        longest=LONGEST_NOTE,
        can_judge=can_edit(model) and configured is not None,  # without YAML there is no DAG
        started="started" in request.query_params,
    )


def _stored(
    model: str, key: str, deployment: Deployment
) -> tuple[Neighbour | None, Neighbour | None, list[StoredRevision]]:
    """Return the windows before and after a window, and its revisions, the newest first."""
    with reading(deployment.warehouse_url) as connection:
        window = recorded_window(connection, model, window_of(key))
        return *neighbours(connection, model, window), stored_revisions(connection, model, window)


def _incidents(model: str, key: str, deployment: Deployment) -> list[StoredIncident]:
    with reading(deployment.warehouse_url) as connection:
        return incidents_of_window(connection, model, window_of(key))
