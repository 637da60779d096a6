"""What all commands share: where they print, how an error becomes its exit code, how models are chosen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from daywatch.config.deployment.environment import command_line_deployment
from daywatch.errors import ConfigurationError, DaywatchError, InfrastructureError, SetupError
from daywatch.results import State
from daywatch.window import Window

if TYPE_CHECKING:
    from datetime import date

    from daywatch.config.deployment.deployment import Deployment

EXIT = ((ConfigurationError, 3), (SetupError, 4), (InfrastructureError, 5), (DaywatchError, 1))
"""Exit codes by error."""

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

ModelOption = Annotated[str, typer.Option("--model", help="Name of a file in include/models, without .yaml.")]
OneModelOption = Annotated[
    str | None, typer.Option("--model", help="Name of a file in include/models, without .yaml.")
]
NamespaceOption = Annotated[
    str | None, typer.Option("--namespace", help="Instead of --model: all models in it and below it.")
]

KnownOnOption = Annotated[
    str | None,
    typer.Option("--known-on", help="As it was known at the end of this day, such as 2013-02-12 (UTC)."),
]

STATE_STYLE = {State.GREEN: "green", State.AMBER: "yellow", State.RED: "bold red", State.GREY: "bright_black"}
"""How states are coloured."""


class Format(StrEnum):
    """How results are printed."""

    TABLE = "table"
    JSON = "json"


FormatOption = Annotated[Format, typer.Option("--format", help="A table, or JSON for programs.")]


@contextmanager
def told() -> Iterator[Deployment]:
    """Yield the deployment, and turn an error of ours into its sentence and its exit code."""
    try:
        yield command_line_deployment(os.environ)
    except DaywatchError as error:
        raise typer.Exit(tell(error)) from error


def tell(error: DaywatchError) -> int:
    """Print an error's sentence and return its exit code."""
    err.print(Text(str(error), style="red"))
    return next(code for kind, code in EXIT if isinstance(error, kind))


def chosen_models(deployment: Deployment, model: str | None, namespace: str | None) -> tuple[str, ...]:
    """Return the models that the options name.

    Raises:
        ConfigurationError: There is no such model, or none in the namespace.
    """
    from daywatch.config.loading.load import find_model
    from daywatch.config.loading.namespaces import models_within

    if namespace is not None:
        return models_within(deployment.models, namespace)
    return (find_model(model or "", deployment.models).model,)


def one_choice(model: str | None, namespace: str | None) -> None:
    """Refuse both options together, and neither.

    Raises:
        typer.BadParameter: Not exactly one is given.
    """
    if (model is None) == (namespace is None):
        msg = "Expected either --model or --namespace."
        raise typer.BadParameter(msg, param_hint="--model")


def chosen_day(text: str | None, option: str) -> date | None:
    """Return an option's day, None where it was left out.

    Raises:
        typer.BadParameter: It is no day.
    """
    try:
        return Window.of_day(text).first if text else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None
