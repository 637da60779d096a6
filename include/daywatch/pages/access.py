"""What the pages ask of the service that shows them: who the reader is, what the reader may do, which deployment.

The functions here only name the questions. The service answers them with an ``Access`` (``pages_app``), and a
question without an answer fails, so that nothing is ever shown by omission.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Path

from daywatch.config.deployment.deployment import Deployment
from daywatch.revision import LENGTH

ModelName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
WindowKey = Annotated[str, Path(pattern=r"^\d{4}-\d{2}-\d{2}(_\d{4}-\d{2}-\d{2})?$")]
Revision = Annotated[str, Path(pattern=rf"^[0-9a-f]{{{LENGTH}}}$")]


@dataclass(frozen=True)
class Access:
    """The answers, as dependencies of FastAPI, which may have parameters of their own.

    Attributes:
        signed_in: Raises ``HTTPException`` where the reader has not signed in.
        may_read_model: Raises it where the reader may not see the runs of the model in the address.
        may_edit_model: Raises it where the reader may not change the runs of the model in the address.
        readable_models: Returns the names of the models that the reader may see.
        reader: Returns the name of the reader.
        deployment: Returns the deployment.
        login: Address of the login page, to which ``?next=`` is added.
    """

    signed_in: Callable[..., Any]
    may_read_model: Callable[..., Any]
    may_edit_model: Callable[..., Any]
    readable_models: Callable[..., frozenset[str]]
    reader: Callable[..., str]
    deployment: Callable[..., Deployment]
    login: str


def signed_in() -> None:
    """Check that the reader has signed in."""
    raise NotImplementedError


def may_read_model() -> None:
    """Check that the reader may see the runs of a model, because its reports show captured values."""
    raise NotImplementedError


def may_edit_model() -> None:
    """Check that the reader may start and change the runs of a model."""
    raise NotImplementedError


def readable_models() -> frozenset[str]:
    """Return the models that the reader may see."""
    raise NotImplementedError


def reader() -> str:
    """Return the name of the reader, for the log of who looked at rows."""
    raise NotImplementedError


def deployment() -> Deployment:
    """Return the deployment."""
    raise NotImplementedError


ReadableModels = Annotated[frozenset[str], Depends(readable_models)]
DeploymentDep = Annotated[Deployment, Depends(deployment)]
Reader = Annotated[str, Depends(reader)]


def answer_by(app: FastAPI, access: Access) -> None:
    """Let an application ask a service."""
    app.dependency_overrides = {
        signed_in: access.signed_in,
        may_read_model: access.may_read_model,
        may_edit_model: access.may_edit_model,
        readable_models: access.readable_models,
        reader: access.reader,
        deployment: access.deployment,
    }
    app.state.login = access.login
