"""The records that tasks exchange: which run of a window it is, and a stage's account of its work."""

from __future__ import annotations

from pydantic import Field

from daywatch.artifacts import BaselineFolder, WindowFolder
from daywatch.results import Record
from daywatch.window import Window


class WindowRun(Record):
    """What a stage needs to find everything else; small enough for an XCom.

    Attributes:
        model: Name of the model.
        first: First day of the window, as an ISO date.
        last: Last day of the window, as an ISO date.
        revision: Fingerprint of all that the verdict depends on, 16 hexadecimal digits.
        baseline_id: Id of the baseline with which the window is compared.
        version_baselines: Ids of the baselines of versions that served the window and have their own.
        evidence_listing: Fingerprint of the listings of the window's evidence; not part of the revision.
        known_until: Last day of collection whose labels were read, as an ISO date, empty for none; not part of
            the revision.
    """

    model: str
    first: str
    last: str
    revision: str
    baseline_id: str
    version_baselines: dict[str, str] = Field(default_factory=dict)
    evidence_listing: str = ""
    known_until: str = ""

    @property
    def window(self) -> Window:
        """The window, of whole days."""
        return Window.between(self.first, self.last)

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
