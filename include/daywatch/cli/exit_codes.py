"""How a command ends: its exit code, by error or by verdict. docs/command-line.md lists the codes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from daywatch.cli.console import print_error
from daywatch.config.deployment.environment import command_line_deployment
from daywatch.errors import ConfigurationError, DaywatchError, InfrastructureError, SetupError
from daywatch.results import State

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment

OF_ERROR = ((ConfigurationError, 3), (SetupError, 4), (InfrastructureError, 5), (DaywatchError, 1))
"""The exit code of each error; the first class that fits counts."""

OF_STATE = {State.GREEN: 0, State.AMBER: 10, State.RED: 20, State.GREY: 30}
"""The exit code of each verdict with --exit-state."""

DECLINED = 2
"""The exit code of a command whose question was answered with no: as of wrong usage."""


@contextmanager
def command_errors() -> Iterator[None]:
    """End the command with an error's sentence and exit code, where the error is one of Daywatch's own.

    Raises:
        typer.Exit: With the error's exit code.
    """
    try:
        yield
    except DaywatchError as error:
        print_error(error)
        raise typer.Exit(code_of_error(error)) from error


@contextmanager
def command_deployment() -> Iterator[Deployment]:
    """Yield the deployment on which a command works, with ``command_errors`` around it.

    Raises:
        typer.Exit: With the error's exit code.
    """
    with command_errors():
        yield command_line_deployment(os.environ)


def code_of_error(error: DaywatchError) -> int:
    """Return the exit code of an error."""
    return next(code for kind, code in OF_ERROR if isinstance(error, kind))


def code_of_states(states: Sequence[State]) -> int:
    """Return the exit code of the worst of verdicts, that of success where no window was judged."""
    return OF_STATE[max(states, default=State.GREEN)]
