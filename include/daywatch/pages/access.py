"""What the pages ask of the service that shows them: who the reader is, what the reader may do, which deployment.

The functions here only name the questions. The service answers them with an ``Access`` (``pages_app``), and a
question without an answer fails, so that nothing is ever shown by omission.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI, Path, Request
from starlette.exceptions import HTTPException

from daywatch.config.deployment.deployment import Deployment
from daywatch.revision import LENGTH
from daywatch.window import KEY_FORM, Window

ModelName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
WindowKey = Annotated[str, Path(pattern=rf"^{KEY_FORM}$")]
Revision = Annotated[str, Path(pattern=rf"^[0-9a-f]{{{LENGTH}}}$")]

CanEdit = Callable[[str], bool]
"""Says whether the reader may change the runs of a model."""

JudgeAgain = Callable[[str, Window], None]
"""Starts a run that judges a window of a model again."""


def window_of(key: str) -> Window:
    """Return the window of a key in an address, in UTC.

    Raises:
        HTTPException: There is no such window, status 404.
    """
    try:
        return Window.parse(key)
    except ValueError as error:
        raise HTTPException(404) from error


@dataclass(frozen=True)
class Access:
    """The answers, as dependencies of FastAPI, which may have parameters of their own.

    Attributes:
        signed_in: Raises ``HTTPException`` where the reader has not signed in.
        may_read_model: Raises it where the reader may not see the runs of the model in the address.
        editor: Returns the function that says whether the reader may change the runs of a model.
        readable_models: Returns the names of the models that the reader may see.
        reader: Returns the name of the reader.
        deployment: Returns the deployment.
        judge: Returns the function that starts a run which judges a model's window again.
        login: Address of the login page, to which ``?next=`` is added.
        home: Address of the service's own pages, with a slash at its end.
    """

    signed_in: Callable[..., Any]
    may_read_model: Callable[..., Any]
    editor: Callable[..., CanEdit]
    readable_models: Callable[..., frozenset[str]]
    reader: Callable[..., str]
    deployment: Callable[..., Deployment]
    judge: Callable[..., JudgeAgain]
    login: str
    home: str = "/"


def signed_in() -> None:
    """Check that the reader has signed in."""
    raise NotImplementedError


def may_read_model() -> None:
    """Check that the reader may see the runs of a model, because its reports show captured values."""
    raise NotImplementedError


def editor() -> CanEdit:
    """Return the function that says whether the reader may start and change the runs of a model."""
    raise NotImplementedError


Editor = Annotated[CanEdit, Depends(editor)]


def can_edit_model(model: ModelName, can_edit: Editor) -> bool:
    """Return whether the reader may start and change the runs of the model in the address."""
    return can_edit(model)


CanEditModel = Annotated[bool, Depends(can_edit_model)]


def from_own_page(request: Request) -> None:
    """Check that a request that changes something comes from a page of ours.

    Browsers say where a request comes from (``Sec-Fetch-Site``), and no page can make them say otherwise. Older ones,
    and all of them over HTTP, say the origin of the page alone. So no other site can let a reader's browser change
    anything.

    Raises:
        HTTPException: It comes from elsewhere, status 403.
    """
    if not _is_own(request):
        raise HTTPException(403)


def may_edit_model(can_edit: CanEditModel) -> None:
    """Check that the reader may start and change the runs of the model in the address.

    Raises:
        HTTPException: The reader may not, status 403.
    """
    if not can_edit:
        raise HTTPException(403)


def _is_own(request: Request) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return urlsplit(request.headers.get("origin", "")).netloc == request.headers.get("host", "-")


def readable_models() -> frozenset[str]:
    """Return the models that the reader may see."""
    raise NotImplementedError


def reader() -> str:
    """Return the name of the reader, for the log of who looked at rows."""
    raise NotImplementedError


def deployment() -> Deployment:
    """Return the deployment."""
    raise NotImplementedError


def judge() -> JudgeAgain:
    """Return the function that starts a run which judges a window again."""
    raise NotImplementedError


ReadableModels = Annotated[frozenset[str], Depends(readable_models)]
DeploymentDep = Annotated[Deployment, Depends(deployment)]
Reader = Annotated[str, Depends(reader)]
Judge = Annotated[JudgeAgain, Depends(judge)]


def answer_by(app: FastAPI, access: Access) -> None:
    """Let an application ask a service."""
    app.dependency_overrides = {
        signed_in: access.signed_in,
        may_read_model: access.may_read_model,
        editor: access.editor,
        readable_models: access.readable_models,
        reader: access.reader,
        deployment: access.deployment,
        judge: access.judge,
    }
    app.state.access = access
