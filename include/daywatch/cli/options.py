"""The options that several commands share, and what they select: models and days."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from daywatch.config.loading.load import find_model
from daywatch.window import Window

if TYPE_CHECKING:
    from datetime import date

    from daywatch.config.deployment.deployment import Deployment

_MODEL_HELP = "Name of the model: its file in include/models without .yaml."

ModelOption = Annotated[str, typer.Option("--model", help=_MODEL_HELP)]
OneModelOption = Annotated[str | None, typer.Option("--model", help=_MODEL_HELP)]
NamespaceOption = Annotated[
    str | None,
    typer.Option("--namespace", help="All models in this namespace and below it, instead of --model."),
]

KnownOnOption = Annotated[
    str | None,
    typer.Option(
        "--known-on", help="Use only what was known at the end of this day, such as 2013-02-12 (UTC)."
    ),
]


class Format(StrEnum):
    """The form in which results are printed."""

    TABLE = "table"
    JSON = "json"


FormatOption = Annotated[Format, typer.Option("--format", help="A table for people, or JSON for programs.")]


def chosen_models(deployment: Deployment, model: str | None, namespace: str | None) -> tuple[str, ...]:
    """Return the names of the models that the options select.

    Args:
        deployment: Where the models' files are.
        model: The value of --model, None where it was left out.
        namespace: The value of --namespace, None where it was left out.

    Raises:
        ConfigurationError: There is no such model, or none in the namespace.
    """
    from daywatch.config.loading.load import find_model
    from daywatch.config.loading.namespaces import models_within

    if namespace is not None:
        return models_within(deployment.models, namespace)
    return (find_model(model or "", deployment.models).model,)


def check_one_choice(model: str | None, namespace: str | None) -> None:
    """Check that exactly one of --model and --namespace is given.

    Raises:
        typer.BadParameter: Both are given, or neither.
    """
    if (model is None) == (namespace is None):
        msg = "Expected either --model or --namespace."
        raise typer.BadParameter(msg, param_hint="--model")


def chosen_window(text: str, model: str, deployment: Deployment) -> Window:
    """Return the window of a model that the option ``--window`` names.

    Args:
        text: The option's value, such as ``2013-02-09``, ``2013-W06`` or ``2013-02``.
        model: Name of the model, whose ``schedule`` says how long its windows are, and in which time zone.
        deployment: Where the models' files are.

    Raises:
        ConfigurationError: There is no such model, or its YAML has errors.
        typer.BadParameter: The value names no window of the model.
    """
    try:
        return find_model(model, deployment.models).schedule.window_named(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--window") from None


def chosen_day(text: str | None, option: str) -> date | None:
    """Return the day that an optional option names, None where it was left out.

    Raises:
        typer.BadParameter: The value is not a day.
    """
    try:
        return Window.of_day(text).first if text else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None
