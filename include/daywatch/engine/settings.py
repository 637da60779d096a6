"""What DuckDB may take: as the deployment says, otherwise as the machine gives."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from daywatch.engine.budget import LEAST_MEMORY, MEMORY_SHARE, MOST_MEMORY
from daywatch.engine.failures import machine_failures
from daywatch.engine.machine import memory_of_machine, processors_of_machine
from daywatch.engine.scratch import locked_folder
from daywatch.errors import SetupError


@dataclass(frozen=True)
class EngineSettings:
    """What the DuckDB of one stage may take.

    Attributes:
        memory: Bytes of memory; beyond them DuckDB spills into the scratch folder.
        threads: Number of processors to work on.
        folder: Where scratch folders are made; None for the system's folder of temporary files.
    """

    memory: int = field(
        default_factory=lambda: max(LEAST_MEMORY, min(MOST_MEMORY, memory_of_machine() // MEMORY_SHARE))
    )
    threads: int = field(default_factory=processors_of_machine)
    folder: Path | None = None


_IN_FORCE: ContextVar[EngineSettings | None] = ContextVar("daywatch_engine_settings", default=None)


def settings_in_force() -> EngineSettings:
    """Return the settings of the scratch folder that is open in this thread, otherwise those of the machine."""
    return _IN_FORCE.get() or EngineSettings()


@contextmanager
def scratch_folder(settings: EngineSettings) -> Iterator[Path]:
    """Yield a scratch folder and delete it afterwards; in between the settings are in force.

    They are in force in this thread and this block only, as with decimal's local contexts.

    Args:
        settings: What DuckDB may take, and where the folder is made.

    Raises:
        SetupError: The folder for scratch folders cannot be made or written, or the work in it lacks a right.
        InfrastructureError: The disk is full, a quota is used up, there are no threads or files left.
    """
    try:
        if settings.folder is not None:
            settings.folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        msg = f"Could not make a scratch folder: {error}. Set DAYWATCH_SCRATCH to a folder with room."
        raise SetupError(msg) from error
    where = settings.folder or tempfile.gettempdir()
    with machine_failures(f"The work in the scratch folder {where}"), locked_folder(settings.folder) as path:
        token = _IN_FORCE.set(settings)
        try:
            yield path
        finally:
            _IN_FORCE.reset(token)
