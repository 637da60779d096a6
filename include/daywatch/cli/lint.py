"""The command ``daywatch lint``: check configurations, known answers and edited suites before a deploy."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from daywatch.cli.console import err, out, progress
from daywatch.cli.exit_codes import command_errors
from daywatch.config.deployment.connections import Connections
from daywatch.config.deployment.environment import command_line_deployment
from daywatch.errors import ConfigurationError, Problem
from daywatch.formatting import plural


def lint(
    models: Annotated[Path | None, typer.Option(help="Folder of the models' YAML files.")] = None,
    suites: Annotated[Path | None, typer.Option(help="Folder of the edited suites.")] = None,
    namespace: Annotated[
        str | None, typer.Option(help="Only models in this namespace and below it; all by default.")
    ] = None,
    connections: Annotated[
        bool, typer.Option("--connections", help="Also check that the connections exist that models name.")
    ] = False,
    show: Annotated[
        str | None,
        typer.Option(
            help="Print one model's YAML, merged, with the file and line of each value, and check it alone."
        ),
    ] = None,
) -> None:
    """Check all models and edited suites. Prints each error with file, line and what was expected."""
    from daywatch.config.deployment.settings import read_settings

    with command_errors():
        settings = read_settings(os.environ)
        if show is not None:
            out.print(Text(merged_yaml(show, models or settings.models)), end="", soft_wrap=True)
            return
        look_up = command_line_deployment(os.environ).connections if connections else None
    with progress("checking models") as announce:
        checked, problems = lint_folder(
            models or settings.models, suites or settings.suites, namespace, look_up, announce
        )
    for problem in problems:
        err.print(Text(str(problem), style="red"))
    out.print(f"{plural(checked, 'model')} checked, {plural(len(problems), 'error')}")
    if problems:
        raise typer.Exit(3)


def lint_folder(
    models: Path,
    suites: Path,
    namespace: str | None = None,
    connections: Connections | None = None,
    announce: Callable[[str], None] = lambda _: None,
) -> tuple[int, tuple[Problem, ...]]:
    """Check a folder of models, with their known answers and edited suites.

    Args:
        models: Folder of the YAML files.
        suites: Folder of the edited suites.
        namespace: Check only models in this namespace and below it; None for all.
        connections: Looks up the connections that the models name; None to check none.
        announce: Called before each file, with a text for people.

    Returns:
        How many models were checked, and all errors in them, in the order of the files.
    """
    from daywatch.config.loading.connection_checks import missing_connections
    from daywatch.config.loading.load import load_model, model_files
    from daywatch.config.loading.namespaces import files_within, unused_defaults
    from daywatch.config.loading.provider_checks import missing_provider
    from daywatch.retrain.trainer import load_trainer
    from daywatch.validation.cases import read_known_answers
    from daywatch.validation.edited import edited_suite

    problems: list[Problem] = []
    try:
        files = model_files(models) if namespace is None else files_within(models, namespace)
    except ConfigurationError as error:
        return 0, error.problems
    for i, path in enumerate(files, 1):
        announce(f"{path.stem}: model {i} of {len(files)}")
        try:
            model = load_model(path)
            read_known_answers(model, path.parent)
            if model.retraining is not None:
                load_trainer(model, path)
            problems += missing_provider(model, path)
            if connections is not None:
                problems += missing_connections(model, path, connections)
            edited_suite(suites, path.stem)
        except ConfigurationError as error:
            problems += error.problems
    if namespace is None:
        problems += unused_defaults(models)
    return len(files), tuple(dict.fromkeys(problems))


def merged_yaml(name: str, models: Path) -> str:
    """Return a model's YAML with what it shares merged in, each value with its file and line.

    Args:
        name: The name of the model.
        models: Folder of the YAML files.

    Raises:
        ConfigurationError: There is no such model, or it has errors.
    """
    from daywatch.config.loading.load import find_model, merged_root
    from daywatch.config.loading.yaml_files.show import annotated

    find_model(name, models)
    return annotated(merged_root(models / f"{name}.yaml"))
