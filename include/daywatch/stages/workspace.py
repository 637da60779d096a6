"""What every stage works with: the model's configuration, the artifacts, a scratch folder, a clock."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.config.loading.load import find_model
from daywatch.engine.settings import scratch_folder
from daywatch.run import StageRun
from daywatch.storage import Storage, open_storage

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.model import MonitoredModel
    from daywatch.run import WindowRun

log = logging.getLogger("daywatch")

Fetched = Mapping[str, Path]
"""Artifacts that lie in a local folder, by key."""


class Workplace:
    """What every stage needs at hand: the model's configuration, the artifacts, a scratch folder."""

    def __init__(
        self, run: WindowRun, deployment: Deployment, scratch: Path, fetched: Fetched | None = None
    ) -> None:
        """Open the artifacts of a run; the scratch folder is thrown away after the stage.

        Args:
            run: The run.
            deployment: Where everything is.
            scratch: An existing folder.
            fetched: Artifacts that need not be downloaded.
        """
        self._fetched = fetched or {}
        self.run = run
        self.deployment = deployment
        self.scratch = scratch
        self.model: MonitoredModel = find_model(run.model, deployment.models)
        self.artifacts: Storage = open_storage(deployment.artifacts_uri, deployment)

    def fetch(self, key: str, name: str) -> Path:
        """Download an artifact into the scratch folder, where it is not here yet, and return where it is."""
        if key in self._fetched:
            return self._fetched[key]
        target = self.scratch / name
        self.artifacts.download(key, target)
        return target

    def fetch_all(self, names: Mapping[str, str]) -> list[Path]:
        """Download artifacts into the scratch folder, all at the same time, and return where they are, in order.

        Args:
            names: The file's name by the artifact's key.
        """
        with ThreadPoolExecutor(len(names)) as pool:
            return list(pool.map(self.fetch, names.keys(), names.values()))


@contextmanager
def workplace(run: WindowRun, deployment: Deployment, fetched: Fetched | None = None) -> Iterator[Workplace]:
    """Yield a stage's workplace with a scratch folder of its own."""
    with scratch_folder(deployment.engine) as scratch:
        yield Workplace(run, deployment, scratch, fetched)


class StageClock:
    """Times a stage and tells its one line: what it did, with counts and seconds."""

    def __init__(self, stage: str, subject: str) -> None:
        """Start the clock.

        Args:
            stage: The stage's name.
            subject: Model and window, for the line.
        """
        self._stage, self._subject = stage, subject
        self._started = time.monotonic()

    def done(self, sentence: str, **counts: float) -> StageRun:
        """Stop the clock, log ``<stage> <subject>: <sentence> in <seconds> s`` and return the stage's account."""
        seconds = round(time.monotonic() - self._started, 3)
        log.info("%s %s: %s in %.1f s", self._stage, self._subject, sentence.rstrip("."), seconds)
        return StageRun(stage=self._stage, seconds=seconds, counts=counts)
