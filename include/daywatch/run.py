"""What names a window's run for every stage, and a stage's account of its work."""

from __future__ import annotations

from daywatch.artifacts import BaselineFolder, WindowFolder
from daywatch.results import Record
from daywatch.window import Window


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
