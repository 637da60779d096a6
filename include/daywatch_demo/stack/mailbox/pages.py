"""The pages of the mailbox. The contents of a mail never run and never fetch anything."""

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from daywatch_demo.stack.mailbox.messages import Mail, list_mails, read_mail
from daywatch_demo.stack.mailbox.smtp import smtp_server

_HERE = Path(__file__).parent
_SHOWN = 500

_PAGE_POLICY = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'"
# The mail's own HTML. `sandbox` applies even if the address is opened outside our frame: no scripts, no
# forms, a separate origin. Links open in a new window.
_MAIL_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
_LINKS_IN_NEW_WINDOW = '<base target="_blank">'


def mailbox_app(folder: Path, smtp_port: int) -> Starlette:
    """Return the web application; while it runs, it receives mails on `smtp_port` and stores them in `folder`."""

    @asynccontextmanager
    async def receiving_mails(app: Starlette) -> AsyncIterator[None]:
        async with smtp_server(folder, smtp_port):
            yield

    app = Starlette(
        routes=[
            Route("/", _inbox),
            Route("/messages/{mail_id}", _message),
            Route("/messages/{mail_id}/html", _html),
            Route("/messages/{mail_id}/source", _source),
            Route("/api/messages", _api_list),
            Route("/api/messages/{mail_id}", _api_message),
            Route("/healthz", _healthz),
            Mount("/static", StaticFiles(directory=_HERE / "static")),
        ],
        # A foreign page whose name resolves to this machine must not read the mails.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
        lifespan=receiving_mails,
    )
    environment = Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=True)
    environment.filters["timestamp"] = _timestamp
    app.state.templates = Jinja2Templates(env=environment)
    app.state.folder = folder
    app.state.smtp_port = smtp_port
    return app


def _inbox(request: Request) -> Response:
    mails = list_mails(_folder(request), _SHOWN)
    return _page(request, "inbox.html", {"mails": mails, "smtp_port": request.app.state.smtp_port})


def _message(request: Request) -> Response:
    mail = _mail(request)
    views = [name for name, content in (("html", mail.html), ("text", mail.text)) if content is not None]
    views.append("source")
    view = request.query_params.get("view", views[0])
    return _page(request, "message.html", {"mail": mail, "views": views, "view": view})


def _html(request: Request) -> Response:
    html = _mail(request).html
    if html is None:
        raise HTTPException(404, "This mail has no HTML part.")
    return HTMLResponse(html + _LINKS_IN_NEW_WINDOW, headers=_headers(_MAIL_POLICY))


def _source(request: Request) -> Response:
    return PlainTextResponse(_mail(request).source, headers=_headers(_PAGE_POLICY))


def _api_list(request: Request) -> Response:
    mails = list_mails(_folder(request), _SHOWN)
    return JSONResponse([dataclasses.asdict(mail) for mail in mails], headers=_headers(_PAGE_POLICY))


def _api_message(request: Request) -> Response:
    return JSONResponse(dataclasses.asdict(_mail(request)), headers=_headers(_PAGE_POLICY))


def _healthz(request: Request) -> Response:
    return PlainTextResponse("ok")


def _page(request: Request, template: str, context: dict[str, object]) -> Response:
    templates: Jinja2Templates = request.app.state.templates
    return templates.TemplateResponse(request, template, context, headers=_headers(_PAGE_POLICY))


def _headers(policy: str) -> dict[str, str]:
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }


def _mail(request: Request) -> Mail:
    mail = read_mail(_folder(request), request.path_params["mail_id"])
    if mail is None:
        raise HTTPException(404, "There is no such mail.")
    return mail


def _folder(request: Request) -> Path:
    folder: Path = request.app.state.folder
    return folder


def _timestamp(nanoseconds: int) -> str:
    return datetime.fromtimestamp(nanoseconds / 1e9, tz=UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
