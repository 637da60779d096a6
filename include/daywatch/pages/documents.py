"""The documents of a window, as the stages stored them. They contain captured values, which are hostile."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from itertools import chain

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response, StreamingResponse

from daywatch.artifacts import WindowFolder
from daywatch.pages.access import (
    DeploymentDep,
    ModelName,
    Revision,
    WindowKey,
    may_read_model,
)
from daywatch.pages.responses import headers, message
from daywatch.storage import open_storage

router = APIRouter(dependencies=[Depends(may_read_model)])


class Document(StrEnum):
    """The names of the documents in links."""

    REPORT = "report.html"
    EVIDENTLY = "evidently.html"


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
        content = _opened(chunks)
    except FileNotFoundError:
        text = f"There is no {document} of {model} for {window} at revision {revision}."
        return message(request, 404, text, model=model)
    return StreamingResponse(content, 200, headers(_POLICIES[document]), "text/html; charset=utf-8")


def _opened(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Read the first chunk, so that a missing object shows before the response begins."""
    return chain([next(chunks, b"")], chunks)
