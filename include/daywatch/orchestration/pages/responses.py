"""What a page is sent with: its headers, its templates, and one sentence for everything that can go wrong."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from airflow.api_fastapi.app import API_ROOT_PATH
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from daywatch.errors import InfrastructureError, SetupError
from daywatch.formatting import count, metric_title, metric_value, plural
from daywatch.text import visible

log = logging.getLogger("daywatch.pages")

_TEMPLATES = Path(__file__).parent / "templates"
_OUR_PAGE = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_SAID = {
    401: "You are not signed in: sign in to Airflow and open this page again.",
    403: "You may not see this as you are signed in: sign in anew, or ask for access to the model's DAG.",
    404: "There is no such page.",
}
_AWAY = 503


def headers(policy: str = _OUR_PAGE) -> dict[str, str]:
    """Return the headers of every answer.

    Args:
        policy: The content security policy.
    """
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "private, no-store",
    }


def page(request: Request, template: str, status: int = 200, **content: Any) -> Response:
    """Return one of our own pages."""
    root = request.scope["root_path"]
    html = _environment().get_template(template).render(root=root, **content)
    return HTMLResponse(html, status, headers())


def sentence(request: Request, status: int, text: str, **content: Any) -> Response:
    """Return a page of one sentence."""
    return page(request, "sentence.html.j2", status, **{"text": text, "model": None, **content})


def redirect(address: str) -> Response:
    """Send the browser elsewhere, with a GET."""
    return RedirectResponse(address, 303, headers())


def stylesheet() -> Response:
    """Return the style of our pages."""
    return Response((_TEMPLATES / "pages.css").read_bytes(), 200, headers(), "text/css")


def tell_errors(app: FastAPI) -> None:
    """Answer every failure that can be foreseen with a page; what happened in detail is in the log."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _not_an_address)
    app.add_exception_handler(InfrastructureError, _away)
    app.add_exception_handler(SetupError, _not_set_up)
    app.add_exception_handler(sa.exc.OperationalError, _airflow_database_away)


def _refused(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 401 and "text/html" in request.headers.get("accept", ""):
        # Whoever comes from a mail signs in and lands where the link led.
        query = f"?{request.url.query}" if request.url.query else ""
        wanted = quote(f"{request.url.path}{query}", safe="")
        return redirect(f"{API_ROOT_PATH}api/v2/auth/login?next={wanted}")
    return sentence(request, status, _SAID.get(status, "This cannot be answered."))


def _not_an_address(request: Request, _: Exception) -> Response:
    return sentence(request, 404, _SAID[404])


def _away(request: Request, error: Exception) -> Response:
    log.error("%s: %s", request.url.path, error)
    text = "The warehouse or the storage of the reports does not answer; Airflow's api-server log says why."
    return sentence(request, _AWAY, text)


def _not_set_up(request: Request, error: Exception) -> Response:
    log.error("%s: %s", request.url.path, error)
    text = "Daywatch is not set up completely; Airflow's api-server log says what is missing."
    return sentence(request, _AWAY, text)


def _airflow_database_away(request: Request, error: Exception) -> Response:
    log.error("%s: %s", request.url.path, error)
    return sentence(request, _AWAY, "Airflow's own database does not answer; its api-server log says why.")


@cache
def _environment() -> Environment:
    """Return Jinja with escaping on, and a failure for every name that is not there."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, finalize=_visible
    )
    environment.globals |= {
        "count": count,
        "metric_title": metric_title,
        "metric_value": metric_value,
        "plural": plural,
    }
    return environment


def _visible(value: Any) -> Any:
    """Write invisible characters as their escapes: names and reasons quote captured values."""
    return visible(value) if type(value) is str else value
