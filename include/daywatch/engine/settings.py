"""How much DuckDB may take: from the deployment, else from the machine."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from daywatch.engine.budget import LEAST_MEMORY, MEMORY_SHARE, MOST_MEMORY
from daywatch.engine.machine import memory_of_machine, processors_of_machine
from daywatch.errors import SetupError

_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([KMGT])(i?)B", re.IGNORECASE)


@dataclass(frozen=True)
class EngineSettings:
    """What one stage's DuckDB may take.

    Attributes:
        memory: Bytes; beyond them it spills into the scratch folder.
        threads: Processors it works on.
        folder: Where scratch folders are made; None for the system's folder of temporary files.
    """

    memory: int = field(
        default_factory=lambda: max(LEAST_MEMORY, min(MOST_MEMORY, memory_of_machine() // MEMORY_SHARE))
    )
    threads: int = field(default_factory=processors_of_machine)
    folder: Path | None = None


def engine_settings_from(environment: Mapping[str, str]) -> EngineSettings:
    """Return the settings of an environment, the machine's where it has none.

    Args:
        environment: ``DAYWATCH_ENGINE_MEMORY``, ``DAYWATCH_ENGINE_THREADS``, ``DAYWATCH_SCRATCH``; see
            docs/configuration.md.

    Raises:
        SetupError: One of them cannot be used as it is written.
    """
    given: dict[str, int | Path] = {}
    if size := environment.get("DAYWATCH_ENGINE_MEMORY"):
        given["memory"] = _bytes(size)
    if threads := environment.get("DAYWATCH_ENGINE_THREADS"):
        if not re.fullmatch(r"[1-9]\d{0,3}", threads):
            msg = f"DAYWATCH_ENGINE_THREADS is {threads!r}, expected a whole number from 1."
            raise SetupError(msg)
        given["threads"] = int(threads)
    if folder := environment.get("DAYWATCH_SCRATCH"):
        given["folder"] = Path(folder)
    return EngineSettings(**given)  # type: ignore[arg-type]


def _bytes(size: str) -> int:
    """Return the bytes of a size such as ``2GB`` or ``512MiB``."""
    found = _SIZE.fullmatch(size)
    count = 0
    if found:
        power = "KMGT".index(found[2].upper()) + 1
        count = int(float(found[1]) * (1024 if found[3] else 1000) ** power)
    if count < LEAST_MEMORY:
        msg = f"DAYWATCH_ENGINE_MEMORY is {size!r}, expected a size such as 2GB or 512MiB, at least 64MB."
        raise SetupError(msg)
    return count


_IN_FORCE: ContextVar[EngineSettings | None] = ContextVar("daywatch_engine_settings", default=None)


def settings_in_force() -> EngineSettings:
    """Return the settings of the scratch folder that is open in this thread, else the machine's."""
    return _IN_FORCE.get() or EngineSettings()


@contextmanager
def scratch_folder(settings: EngineSettings) -> Iterator[Path]:
    """Yield a folder that is thrown away afterwards; until then DuckDB takes what the settings say.

    The settings hold for this thread and this block only, as decimal's local contexts do.

    Raises:
        SetupError: The folder for scratch folders cannot be written.
    """
    try:
        if settings.folder is not None:
            settings.folder.mkdir(parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(prefix="daywatch-", dir=settings.folder)
    except OSError as error:
        msg = f"Could not make a scratch folder: {error}. Set DAYWATCH_SCRATCH to a folder with room."
        raise SetupError(msg) from error
    token = _IN_FORCE.set(settings)
    try:
        with folder as path:
            yield Path(path)
    finally:
        _IN_FORCE.reset(token)
