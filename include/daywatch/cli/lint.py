"""The command ``daywatch lint``: check configurations, known answers and edited suites before a deploy."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from daywatch.cli.console import err, out
from daywatch.cli.exit_codes import command_errors
from daywatch.errors import ConfigurationError, Problem
from daywatch.formatting import plural


def lint(
    models: Annotated[Path | None, typer.Option(help="Folder of the models' YAML files.")] = None,
    suites: Annotated[Path | None, typer.Option(help="Folder of the edited suites.")] = None,
    namespace: Annotated[
        str | None, typer.Option(help="Only models in this namespace and below it; all by default.")
    ] = None,
) -> None:
    """Check all models and edited suites. Prints each error with file, line and what was expected."""
    from daywatch.config.deployment.settings import read_settings

    with command_errors():
        settings = read_settings(os.environ)
    checked, problems = lint_folder(models or settings.models, suites or settings.suites, namespace)
    for problem in problems:
        err.print(Text(str(problem), style="red"))
    out.print(f"{plural(checked, 'model')} checked, {plural(len(problems), 'error')}")
    if problems:
        raise typer.Exit(3)


def lint_folder(models: Path, suites: Path, namespace: str | None = None) -> tuple[int, tuple[Problem, ...]]:
    """Check a folder of models, with their known answers and edited suites.

    Args:
        models: Folder of the YAML files.
        suites: Folder of the edited suites.
        namespace: Check only models in this namespace and below it; None for all.

    Returns:
        How many models were checked, and all errors in them, in the order of the files.
    """
    from daywatch.config.loading.load import load_model, model_files
    from daywatch.config.loading.namespaces import files_within
    from daywatch.validation.cases import read_known_answers
    from daywatch.validation.edited import edited_suite

    problems: list[Problem] = []
    try:
        files = model_files(models) if namespace is None else files_within(models, namespace)
    except ConfigurationError as error:
        return 0, error.problems
    if not files:
        problems.append(
            Problem(str(models), 0, "", "there is no model here, expected at least one .yaml file")
        )
    for path in files:
        try:
            read_known_answers(load_model(path), path.parent)
            edited_suite(suites, path.stem)
        except ConfigurationError as error:
            problems += error.problems
    return len(files), tuple(problems)
