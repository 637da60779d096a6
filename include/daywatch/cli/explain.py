"""The command ``daywatch explain``: why a window was judged as it was."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer
from rich.text import Text

from daywatch.cli.console import out, progress
from daywatch.cli.exit_codes import command_deployment
from daywatch.cli.options import ModelOption, chosen_window


class ExplainFormat(StrEnum):
    """The form in which an explanation is printed."""

    TEXT = "text"
    JSON = "json"


def explain(
    model: ModelOption,
    window: Annotated[str, typer.Option(help="The judged window, such as 2013-02-09.")],
    output: Annotated[
        ExplainFormat, typer.Option("--format", help="Text for people, or JSON for programs.")
    ] = ExplainFormat.TEXT,
) -> None:
    """Show the chain of a verdict: evidence, rules in the order of causes, thresholds, what did not count."""
    with command_deployment() as deployment, progress(f"{model} {window}"):
        day = chosen_window(window, model, deployment)
        from daywatch.config.loading.load import find_model
        from daywatch.review.chain import chain_lines
        from daywatch.review.explain import explain as explained

        found = explained(find_model(model, deployment.models), day, deployment)
    if output is ExplainFormat.JSON:
        sys.stdout.write(found.model_dump_json(indent=2) + "\n")
        return
    for line in chain_lines(found):
        out.print(Text(line))
