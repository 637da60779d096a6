"""The records that tasks exchange: which run of a window it is, and a stage's account of its work."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from daywatch.artifacts import BaselineFolder, WindowFolder
from daywatch.results import Record
from daywatch.window import Window


class WindowRun(Record):
    """What a stage needs to find everything else; small enough for an XCom.

    Attributes:
        model: Name of the model.
        start: Start of the window in UTC, as an ISO timestamp.
        end: End of the window, excluded.
        revision: Fingerprint of all that the verdict depends on, 16 hexadecimal digits.
        baseline_id: Id of the baseline with which the window is compared.
        version_baselines: Ids of the baselines of versions that served the window and have their own.
        evidence_listing: Fingerprint of the listings of the window's evidence; not part of the revision.
        known_until: Last day of collection whose labels were read, as an ISO date, empty for none; not part of
            the revision.
    """

    model: str
    start: str
    end: str
    revision: str
    baseline_id: str
    version_baselines: dict[str, str] = Field(default_factory=dict)
    evidence_listing: str = ""
    known_until: str = ""

    @property
    def window(self) -> Window:
        """The window."""
        return Window(datetime.fromisoformat(self.start), datetime.fromisoformat(self.end))

    @property
    def folder(self) -> WindowFolder:
        """The folder of its artifacts."""
        return WindowFolder(self.model, self.window.key, self.revision)

    @property
    def baseline(self) -> BaselineFolder:
        """The folder of its baseline."""
        return BaselineFolder(self.model, self.baseline_id)


class StageRun(Record):
    """A stage's account of its own work; not part of any result.

    Attributes:
        stage: Name of the stage, such as ``export``.
        seconds: Its duration.
        counts: What it counted, such as rows, by name.
    """

    stage: str
    seconds: float
    counts: dict[str, float]
