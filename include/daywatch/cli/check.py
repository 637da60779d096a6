"""The command ``daywatch check``: what a model's configuration finds, before anything is judged."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from daywatch.cli.console import out, progress
from daywatch.cli.exit_codes import command_deployment
from daywatch.cli.options import ModelOption, chosen_window
from daywatch.formatting import plural


def check(
    model: ModelOption,
    window: Annotated[
        str | None,
        typer.Option(help="A window to look at next to the baseline's last day, such as 2013-02-09."),
    ] = None,
) -> None:
    """Read a sample of captures and labels and try every connection. Prints what was seen, and what is wrong."""
    problems = unreachable = 0
    with command_deployment() as deployment, progress(f"{model}: check"):
        from daywatch.stages.check import check_model

        for line in check_model(
            model, chosen_window(window, model, deployment) if window else None, deployment
        ):
            problems, unreachable = problems + line.problem, unreachable + line.unreachable
            indent = " " * (len(line.text) - len(line.text.lstrip()))
            shown = f"{indent}problem: {line.text.lstrip()}" if line.problem else line.text
            out.print(Text(shown, style="red" if line.problem else ""))
    out.print(f"{model}: {plural(problems, 'problem')}")
    if problems:
        raise typer.Exit(5 if unreachable else 4)
