"""What every stage works with: the model's configuration, the artifacts, a scratch folder, a clock."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from daywatch.config.loading.load import find_model
from daywatch.days import DAY
from daywatch.engine.settings import scratch_folder
from daywatch.errors import SetupError
from daywatch.results import Record
from daywatch.run import StageRun
from daywatch.storage import Storage, open_storage
from daywatch.window import WindowUnit

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.model import MonitoredModel
    from daywatch.run import WindowRun
    from daywatch.window import Window

Result = TypeVar("Result", bound=Record)

log = logging.getLogger("daywatch")

Fetched = Mapping[str, Path]
"""Local copies of artifacts, by key."""


def check_ended(window: Window, what: str) -> None:
    """Check that a window is over: rows that are still to come would be missing in its verdict.

    Args:
        window: The window to read.
        what: What the window is for, as the start of a sentence.

    Raises:
        SetupError: The window is not over.
    """
    now = datetime.now(UTC)
    if not window.has_ended(now):
        choose = "choose an hour that is over"
        if window.unit is not WindowUnit.HOUR:
            local_time = now + window.offset
            choose = f"choose days up to {(local_time - DAY).date()}"
        msg = f"{what} {window} is not over, it ends at {window.end:%Y-%m-%d %H:%M} UTC: {choose}."
        raise SetupError(msg)


class Workspace:
    """What every stage needs: the model's configuration, the artifacts, a scratch folder."""

    def __init__(
        self, run: WindowRun, deployment: Deployment, scratch: Path, fetched: Fetched | None = None
    ) -> None:
        """Open the artifacts of a run.

        Args:
            run: The window's run.
            deployment: Addresses and connections of storage and warehouse.
            scratch: An existing folder, removed after the stage.
            fetched: Local copies of artifacts, which need no download.
        """
        self._fetched = fetched or {}
        self.run = run
        self.deployment = deployment
        self.scratch = scratch
        self.model: MonitoredModel = find_model(run.model, deployment.models)
        self.artifacts: Storage = open_storage(deployment.artifacts_uri, deployment)

    def read(self, kind: type[Result], key: str) -> Result:
        """Read a result that an earlier stage wrote as JSON."""
        return kind.model_validate_json(self.artifacts.read(key))

    def write(self, result: Record, key: str) -> None:
        """Write a result as JSON, for the next stages and for people."""
        self.artifacts.write(key, result.model_dump_json(indent=1).encode())

    def fetch(self, key: str, name: str) -> Path:
        """Return a local copy of an artifact; download it into the scratch folder where there is none.

        Args:
            key: The artifact's key.
            name: Name of the downloaded file.
        """
        if key in self._fetched:
            return self._fetched[key]
        target = self.scratch / name
        self.artifacts.download(key, target)
        return target

    def fetch_all(self, names: Mapping[str, str]) -> list[Path]:
        """Return local copies of artifacts in the order of ``names``; the downloads run at the same time.

        Args:
            names: The file's name by the artifact's key.
        """
        with ThreadPoolExecutor(len(names)) as pool:
            return list(pool.map(self.fetch, names.keys(), names.values()))


@contextmanager
def open_workspace(
    run: WindowRun, deployment: Deployment, fetched: Fetched | None = None
) -> Iterator[Workspace]:
    """Yield a stage's workspace with a scratch folder of its own.

    Args:
        run: The window's run.
        deployment: Addresses and connections of storage and warehouse.
        fetched: Local copies of artifacts, which need no download.
    """
    with scratch_folder(deployment.engine) as scratch:
        yield Workspace(run, deployment, scratch, fetched)


class StageClock:
    """Measures a stage's time and logs its one line: what it did, with counts and seconds."""

    def __init__(self, stage: str, subject: str) -> None:
        """Start the clock.

        Args:
            stage: The stage's name.
            subject: Model and window, for the line.
        """
        self._stage, self._subject = stage, subject
        self._started = time.monotonic()

    def done(self, sentence: str, **counts: float) -> StageRun:
        """Stop the clock and log ``<stage> <subject>: <sentence> in <seconds> s``.

        Args:
            sentence: What the stage did.
            **counts: What it counted, by name.

        Returns:
            The stage's name, seconds and counts.
        """
        seconds = round(time.monotonic() - self._started, 3)
        log.info("%s %s: %s in %.1f s", self._stage, self._subject, sentence.rstrip("."), seconds)
        return StageRun(stage=self._stage, seconds=seconds, counts=counts)
