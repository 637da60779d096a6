"""The suites that people edit, in the repository next to the models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from daywatch.validation.suite import read_suite


def suite_file(folder: Path, model: str) -> Path:
    """Return the path of a model's edited suite.

    Args:
        folder: Folder of the edited suites.
        model: Name of the model.
    """
    return folder / f"{model}.json"


def edited_suite(folder: Path, model: str) -> dict[str, Any] | None:
    """Return a model's edited suite, None where nobody edited it.

    Args:
        folder: Folder of the edited suites.
        model: Name of the model.

    Raises:
        ConfigurationError: It cannot be used; the error lists all problems, with their lines.
    """
    path = suite_file(folder, model)
    return read_suite(path) if path.is_file() else None
