"""The suites that people edit, beside the models in the repository."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from daywatch.validation.suite import read_suite


def suite_file(folder: Path, model: str) -> Path:
    """Return where a model's edited suite lies."""
    return folder / f"{model}.json"


def edited_suite(folder: Path, model: str) -> dict[str, Any] | None:
    """Return a model's edited suite, None where nobody edited it.

    Raises:
        ConfigurationError: It cannot be used; all mistakes, with their lines.
    """
    path = suite_file(folder, model)
    return read_suite(path) if path.is_file() else None
