"""One window's way through the stages: what each is told, and what each tells."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.artifacts import BaselineFolder, WindowFolder
from daywatch.config.loading.load import find_model
from daywatch.engine.settings import scratch_folder
from daywatch.results import Record
from daywatch.storage import Storage, open_storage
from daywatch.window import Window

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.model import MonitoredModel

log = logging.getLogger("daywatch")


class WindowRun(Record):
    """What a stage needs to find everything else; small enough for an XCom.

    Attributes:
        model: The model's name.
        first: First day of the window, ISO.
        last: Last day, ISO.
        revision: Fingerprint of all that the verdict depends on.
        baseline_id: The baseline it is held against.
        listing: What a listing of the evidence showed; no part of what the revision stands for.
        known_until: The last day of collection that labels were read of, ISO, empty for none; likewise.
    """

    model: str
    first: str
    last: str
    revision: str
    baseline_id: str
    listing: str = ""
    known_until: str = ""

    @property
    def window(self) -> Window:
        """The window."""
        return Window.between(self.first, self.last)

    @property
    def folder(self) -> WindowFolder:
        """Where its artifacts lie."""
        return WindowFolder(self.model, self.window.key, self.revision)

    @property
    def baseline(self) -> BaselineFolder:
        """Where its baseline lies."""
        return BaselineFolder(self.model, self.baseline_id)


class StageRun(Record):
    """What a stage tells about its own work: not part of any result.

    Attributes:
        stage: Its name.
        seconds: How long it took.
        counts: What it counted, by name.
    """

    stage: str
    seconds: float
    counts: dict[str, float]


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
