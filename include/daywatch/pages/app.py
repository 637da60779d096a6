"""The application. Every address needs a login, also those that do not exist; only ``/metrics`` needs a token."""

from __future__ import annotations

from fastapi import APIRouter, Depends, FastAPI
from starlette.exceptions import HTTPException
from starlette.responses import Response

from daywatch.pages import documents, inferences, models, prometheus, retraining
from daywatch.pages.access import Access, answer_by, signed_in
from daywatch.pages.assets import asset
from daywatch.pages.incidents import routes as incidents
from daywatch.pages.model import routes as model
from daywatch.pages.responses import handle_errors
from daywatch.pages.window import routes as window


def pages_app(access: Access, *further: APIRouter) -> FastAPI:
    """Return the application, which has no page that lists its addresses.

    Args:
        access: Who may see what, and the deployment.
        *further: Routers of the service that shows the pages.
    """
    app = FastAPI(title="Daywatch", docs_url=None, redoc_url=None, openapi_url=None)
    answer_by(app, access)
    handle_errors(app)
    app.include_router(prometheus.router)
    private = [Depends(signed_in)]
    app.add_api_route("/-/static/{digest}/{name:path}", asset, dependencies=private)
    own = (
        *(incidents.router, models.router, model.router, retraining.router),
        *(inferences.router, window.router, documents.router),
    )
    for router in (*further, *own):
        app.include_router(router, dependencies=private)
    app.add_api_route("/{rest:path}", _unknown, dependencies=private)
    return app


def _unknown() -> Response:
    raise HTTPException(404)
