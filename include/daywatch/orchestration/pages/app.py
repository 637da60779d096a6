"""The application that the plugin mounts. Every address needs a login, also those that do not exist."""

from __future__ import annotations

from fastapi import Depends, FastAPI
from starlette.exceptions import HTTPException
from starlette.responses import Response

from daywatch.orchestration.pages import documents, inferences, models, tabs
from daywatch.orchestration.pages.access import signed_in
from daywatch.orchestration.pages.responses import handle_errors, stylesheet


def pages_app() -> FastAPI:
    """Return the application, which only reads, and has no page that lists its addresses."""
    app = FastAPI(
        title="Daywatch",
        dependencies=[Depends(signed_in)],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    handle_errors(app)
    app.add_api_route("/-/pages.css", stylesheet)
    app.include_router(tabs.router)
    app.include_router(models.router)
    app.include_router(inferences.router)
    app.include_router(documents.router)
    app.add_api_route("/{rest:path}", _unknown)
    return app


def _unknown() -> Response:
    raise HTTPException(404)
