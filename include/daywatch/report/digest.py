"""The digest: a team's models on one screen, the worst first, and what was judged of the past."""

from __future__ import annotations

import hashlib
from datetime import date

from daywatch.formatting import plural
from daywatch.report.content import Link, OneLine
from daywatch.results import Record, State
from daywatch.text import visible


class DigestRow(Record):
    """A model in a digest.

    Attributes:
        model: The model's name.
        tier: Its importance.
        state: Verdict on its last judged window, None where none was judged.
        window: That window.
        since: The first day of the incident, or of the state.
        days: Number of bad windows of the incident, 0 without one.
        cause: The cause as a sentence, or the first reason in a few words.
        acknowledged_by: Who acknowledged the incident, empty for nobody.
        more: Number of further open incidents.
        link: The incident's page, empty for none.
    """

    model: str
    tier: int
    state: State | None
    window: str
    since: str = ""
    days: int = 0
    cause: str = ""
    acknowledged_by: str = ""
    more: int = 0
    link: str = ""


class BackfillRow(Record):
    """The windows of a model that were judged as a past and not mailed one by one.

    Attributes:
        model: The model's name.
        first: The first day.
        last: The last day.
        windows: Number of windows.
        states: Number of windows in each state that occurred, the worst first.
    """

    model: str
    first: str
    last: str
    windows: int
    states: tuple[tuple[State, int], ...]

    @property
    def sentence(self) -> str:
        """The row as a sentence."""
        counts = ", ".join(f"{number} {state}" for state, number in self.states)
        return f"{self.model}: {plural(self.windows, 'window')} from {self.first} to {self.last}: {counts}"


class Digest(Record):
    """All that a digest shows.

    Attributes:
        owner: The team.
        day: The day on which it is sent.
        rows: The models, the worst first.
        backfills: What was judged of the past since the digest before.
        links: The fleet's page.
    """

    owner: OneLine
    day: date
    rows: tuple[DigestRow, ...]
    backfills: tuple[BackfillRow, ...] = ()
    links: tuple[Link, ...] = ()

    @property
    def state(self) -> State:
        """The worst state of the models."""
        return max((row.state for row in self.rows if row.state is not None), default=State.GREY)

    @property
    def subject(self) -> str:
        """Subject of the mail."""
        return f"[DIGEST] {self.owner} {self.day}: {self.headline}"

    @property
    def headline(self) -> str:
        """How many models are in each state."""
        states = [row.state for row in self.rows]
        counts = [
            f"{states.count(state)} {state}" for state in sorted(State, reverse=True) if state in states
        ]
        never = states.count(None)
        return ", ".join([*counts, *([f"{never} not judged yet"] if never else [])]) or "no models"

    @property
    def bad(self) -> tuple[DigestRow, ...]:
        """The models that are not GREEN or have an open incident."""
        return tuple(row for row in self.rows if row.state is not State.GREEN or row.days)

    @property
    def good(self) -> tuple[str, ...]:
        """The other models, each with the window in which it was GREEN: a model that is not judged any more shows."""
        bad = {row.model for row in self.bad}
        return tuple(f"{row.model} ({row.window})" for row in self.rows if row.model not in bad)

    @property
    def thread(self) -> str:
        """The name of the mail's thread: mail headers cannot have any owner's name."""
        return f"digest-{hashlib.sha256(self.owner.encode()).hexdigest()[:12]}"


def visible_digest(digest: Digest) -> Digest:
    """Return the digest with captured text made harmless.

    Args:
        digest: Content of the digest.
    """
    rows = tuple(
        row.model_copy(update={"cause": visible(row.cause), "acknowledged_by": visible(row.acknowledged_by)})
        for row in digest.rows
    )
    return digest.model_copy(update={"rows": rows, "owner": visible(digest.owner)})


def since_text(row: DigestRow) -> str:
    """Return since when a model is as it is, and who looks after it.

    Args:
        row: A model.
    """
    if row.state is None:
        return "no window judged yet"
    if not row.days:
        return f"last window {row.window}"
    who = f"acknowledged by {row.acknowledged_by}" if row.acknowledged_by else "nobody has acknowledged it"
    more = f"; {plural(row.more, 'further open incident')}" if row.more else ""
    return f"since {row.since}, {plural(row.days, 'bad window')}; {who}{more}"
