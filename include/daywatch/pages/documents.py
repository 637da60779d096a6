"""The documents of a window, as the stages stored them. They contain captured values, which are hostile."""

from __future__ import annotations

from enum import StrEnum

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response, StreamingResponse

from daywatch.artifacts import WindowFolder
from daywatch.pages.access import (
    DeploymentDep,
    ModelName,
    Revision,
    WindowKey,
    may_read_model,
    window_of,
)
from daywatch.pages.responses import headers, message, opened, page
from daywatch.storage import open_storage
from daywatch.warehouse.reading.pool import reading
from daywatch.warehouse.reading.revisions import neighbours, recorded_window

router = APIRouter(dependencies=[Depends(may_read_model)])


class Document(StrEnum):
    """The names of the documents in links."""

    REPORT = "report.html"
    EVIDENTLY = "evidently.html"

    @property
    def heading(self) -> str:
        """The document's name for people."""
        return "Report" if self is Document.REPORT else "Evidently"


_SHARED = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
_POLICIES = {
    # No script runs. The origin is the server's own: with another one, links in Airflow's frame lose the cookie.
    Document.REPORT: f"{_SHARED}; img-src data:; sandbox allow-same-origin",
    # Scripts plot the figures. An origin of its own keeps them away from Airflow's pages and cookies.
    Document.EVIDENTLY: (
        f"{_SHARED}; img-src data: blob:; font-src data:; script-src 'unsafe-inline' 'unsafe-eval';"
        " sandbox allow-scripts"
    ),
}


@router.get("/{model}/{window}/{revision}/report")
@router.get("/{model}/{window}/{revision}/evidently")
def frame(
    request: Request, model: ModelName, window: WindowKey, revision: Revision, deployment: DeploymentDep
) -> Response:
    """Show a document in the page's frame, with the days before and after."""
    name = request.url.path.rpartition("/")[2]
    with reading(deployment.warehouse_url) as connection:
        found = recorded_window(connection, model, window_of(window))
        previous, following = neighbours(connection, model, found)
    return page(
        request,
        "frame.html.j2",
        model=model,
        window=window,
        revision=revision,
        name=name,
        document=Document(f"{name}.html"),
        previous=previous,
        following=following,
    )


@router.get("/{model}/{window}/{revision}/{document}")
def document(
    request: Request,
    model: ModelName,
    window: WindowKey,
    revision: Revision,
    document: Document,
    deployment: DeploymentDep,
) -> Response:
    """Send a document as a stream from the artifacts."""
    folder = WindowFolder(model, window, revision)
    key = folder.report_html if document is Document.REPORT else folder.evidently_html
    chunks = open_storage(deployment.artifacts_uri, deployment).stream(key)
    try:
        content = opened(chunks)
    except FileNotFoundError:
        text = f"There is no {document} of {model} for {window} at revision {revision}."
        return message(request, 404, text, model=model)
    return StreamingResponse(content, 200, headers(_POLICIES[document]), "text/html; charset=utf-8")
