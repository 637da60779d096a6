"""The documents of a window, as the stages stored them. What stands in them was captured: it is hostile."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from itertools import chain

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response, StreamingResponse

from daywatch.artifacts import WindowFolder
from daywatch.orchestration.pages.access import (
    DeploymentDep,
    ModelName,
    Revision,
    WindowKey,
    may_read_model,
)
from daywatch.orchestration.pages.answers import headers, sentence
from daywatch.storage import open_storage

router = APIRouter(dependencies=[Depends(may_read_model)])


class Document(StrEnum):
    """The names of the documents, as the mails link to them."""

    REPORT = "report.html"
    EVIDENTLY = "evidently.html"


_SHARED = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
_POLICIES = {
    # Nothing runs. The origin stays ours: from a foreign one, links inside Airflow's frame lose the cookie.
    Document.REPORT: f"{_SHARED}; img-src data:; sandbox allow-same-origin",
    # Its drawings are made by scripts; an origin of its own keeps them from Airflow's pages and cookies.
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
    """Stream a document from the artifacts."""
    folder = WindowFolder(model, window, revision)
    key = folder.report_html if document is Document.REPORT else folder.evidently_html
    chunks = open_storage(deployment.artifacts_uri, deployment).stream(key)
    try:
        content = _begun(chunks)
    except FileNotFoundError:
        text = f"There is no {document} of {model} for {window} at revision {revision}."
        return sentence(request, 404, text, model=model)
    return StreamingResponse(content, 200, headers(_POLICIES[document]), "text/html; charset=utf-8")


def _begun(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Read the first chunk, so that a missing object is known before anything is sent."""
    return chain([next(chunks, b"")], chunks)
