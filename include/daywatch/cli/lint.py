"""Check every model's configuration, known answers and edited suite before a deploy."""

from __future__ import annotations

from pathlib import Path

from daywatch.config.loading.load import load_model, model_files
from daywatch.config.loading.namespaces import files_within
from daywatch.errors import ConfigurationError, Problem
from daywatch.validation.cases import read_known_answers
from daywatch.validation.edited import edited_suite


def lint_folder(models: Path, suites: Path, namespace: str | None = None) -> tuple[int, tuple[Problem, ...]]:
    """Return how many models were checked, and all mistakes in their files, known answers and edited suites.

    Args:
        models: Folder of the YAML files.
        suites: Folder of the edited suites.
        namespace: Only models in it and below it; None: all.
    """
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
