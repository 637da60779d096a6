"""Responses: headers, pages from templates, and a page with one message for each kind of failure."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from daywatch.errors import InfrastructureError, SchemaError, SetupError
from daywatch.formatting import count, metric_title, metric_value, number, percent, plural
from daywatch.pages.assets import asset_address
from daywatch.pages.squares import square
from daywatch.text import visible

log = logging.getLogger("daywatch.pages")

_TEMPLATES = Path(__file__).parent / "templates"
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'self'"
)
# A form on a page without a referrer has the origin "null". Over HTTP, where browsers do not send Sec-Fetch-Site,
# the origin is all that shows that the form is ours.
_FORMS = {"Referrer-Policy": "same-origin"}
_MESSAGES = {
    401: "You are not signed in. Sign in to Airflow and open this page again.",
    403: "Your account may not see this page. Sign in with another one, or ask for access to the model's DAG.",
    404: "There is no such page.",
}
_UNAVAILABLE = 503


def headers(policy: str = _PAGE_POLICY) -> dict[str, str]:
    """Return the headers of a response.

    Args:
        policy: Its content security policy.
    """
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "private, no-store",
    }


def page(request: Request, template: str, status: int = 200, **content: Any) -> Response:
    """Return a page from a template.

    Args:
        request: The request, which knows the address at which the application is mounted.
        template: File name of the template.
        status: Status of the response.
        **content: The variables of the template.
    """
    root = request.scope["root_path"]
    home = request.app.state.access.home
    html = _environment().get_template(template).render(root=root, home=home, **content)
    return HTMLResponse(html, status, headers() | _FORMS)


def message(request: Request, status: int, text: str, **content: Any) -> Response:
    """Return a page with one message.

    Args:
        request: The request.
        status: Status of the response.
        text: The message.
        **content: ``model``, for a link to its windows; ``missing``, what is to be done first.
    """
    return page(request, "message.html.j2", status, **{"text": text, "model": None, "missing": (), **content})


def opened(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Read the first chunk of an object, so that a missing one shows before the response begins.

    Args:
        chunks: The object.

    Raises:
        FileNotFoundError: There is no such object.
    """
    return chain([next(chunks, b"")], chunks)


def redirect(address: str) -> Response:
    """Redirect the browser to another address, which it requests with GET."""
    return RedirectResponse(address, 303, headers())


def handle_errors(app: FastAPI) -> None:
    """Show a page for every expected failure; the details are only in the log."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _not_an_address)
    app.add_exception_handler(InfrastructureError, _away)
    app.add_exception_handler(SetupError, _not_set_up)
    app.add_exception_handler(sa.exc.OperationalError, _airflow_database_away)


def _refused(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 401 and "text/html" in request.headers.get("accept", ""):
        # A reader who follows a link in a mail signs in and then gets to the page of the link.
        query = f"?{request.url.query}" if request.url.query else ""
        wanted = quote(f"{request.url.path}{query}", safe="")
        return redirect(f"{request.app.state.access.login}?next={wanted}")
    return message(request, status, _MESSAGES.get(status, "This request failed."))


def _not_an_address(request: Request, _: Exception) -> Response:
    return message(request, 404, _MESSAGES[404])


def _away(request: Request, error: Exception) -> Response:
    log.error("%s: %s", request.url.path, error)
    text = "The warehouse or the storage of the reports does not answer; the log of Airflow's api-server says why."
    return message(request, _UNAVAILABLE, text)


def _not_set_up(request: Request, error: Exception) -> Response:
    log.error("%s: %s", request.url.path, error)
    text = "Daywatch is not set up completely; the log of Airflow's api-server says what is missing."
    if isinstance(error, SchemaError):
        text = str(error)
    return message(request, _UNAVAILABLE, text)


def _airflow_database_away(request: Request, error: Exception) -> Response:
    log.error("%s: %s", request.url.path, error)
    return message(
        request, _UNAVAILABLE, "Airflow's own database does not answer; the log of its api-server says why."
    )


@cache
def _environment() -> Environment:
    """Return the templates, with escaping, and with an error for every undefined name."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, finalize=_visible
    )
    environment.globals |= {
        "asset": asset_address,
        "count": count,
        "metric_title": metric_title,
        "metric_value": metric_value,
        "number": number,
        "percent": percent,
        "plural": plural,
        "square": square,
    }
    return environment


def _visible(value: Any) -> Any:
    """Return text with invisible characters as escapes, because names and reasons contain captured values."""
    return visible(value) if type(value) is str else value
