"""A notice: a mail that is not about a window's verdict. A task failed, a run is late, or a model was retrained."""

from __future__ import annotations

from enum import StrEnum

from daywatch.report.content import Link, OneLine
from daywatch.results import Record
from daywatch.text import visible

_LONGEST_ERROR = 2000


class NoticeKind(StrEnum):
    """What happened to the run; it stands where a report has its verdict."""

    FAILED = "FAILED"
    LATE = "LATE"
    PROMOTED = "PROMOTED"
    KEPT = "KEPT"


class MonitoredName(Record):
    """The model that a notice is about.

    Attributes:
        model: The model's name.
        namespace: Namespace of the model.
        owner: Team or person responsible for the model.
        tier: Importance of the model; 1 is the highest.
        description: What the model does.
    """

    model: str
    namespace: str
    owner: str
    tier: int
    description: OneLine


class Notice(MonitoredName):
    """All that a notice shows.

    Attributes:
        state: What happened.
        window: The window's key, or the run's id where the run has no window.
        about: What it happened to, for the subject: a task, or a run.
        headline: What happened, as a sentence.
        since: What that means for the window.
        meaning: What that means for the model.
        do: What to do.
        runbook: The section of the runbook.
        error: The error, empty for none.
        table: Rows of text with the numbers, headings first; empty for none.
        links: The run and its log.
    """

    state: NoticeKind
    window: str
    about: str
    headline: str
    since: str
    meaning: str
    do: str
    runbook: str
    error: str = ""
    table: tuple[tuple[str, ...], ...] = ()
    links: tuple[Link, ...] = ()

    @property
    def subject(self) -> str:
        """Subject of the mail."""
        return f"[{self.state}] {self.model} {self.window}: {self.about}"


def failed_notice(
    name: MonitoredName, dag: str, task: str, window: str, error: str, links: tuple[Link, ...]
) -> Notice:
    """Return the notice that a task has failed and is not tried again.

    Args:
        name: The model.
        dag: Id of the DAG.
        task: Id of the task.
        window: The window's key, or the run's id.
        error: The exception's text, empty where none was recorded.
        links: The run and its log.
    """
    return Notice(
        **name.model_dump(),
        state=NoticeKind.FAILED,
        window=window,
        about=f"{task} of {dag}",
        headline=f"The task {task} of {dag} failed.",
        since=f"The run of {window} has stopped: what comes after this task was not done.",
        meaning="The code or the infrastructure failed, not the model. Nothing is known about the model yet.",
        do="Read the last lines of the log, fix the cause and clear the task: Airflow then runs the tasks that "
        "follow. A task that runs again writes the same results.",
        runbook="docs/runbook.md, section FAILED: each kind of error and what helps",
        error=error or "No exception was recorded. The process may have been killed: see the log.",
        links=links,
    )


def late_notice(name: MonitoredName, dag: str, window: str, minutes: int, links: tuple[Link, ...]) -> Notice:
    """Return the notice that a run has not ended in time.

    Args:
        name: The model.
        dag: Id of the DAG.
        window: The window's key, or the run's id.
        minutes: Minutes in which the run should have ended.
        links: The run.
    """
    return Notice(
        **name.model_dump(),
        state=NoticeKind.LATE,
        window=window,
        about=f"not ended after {minutes} minutes",
        headline=f"{dag} has not ended {minutes} minutes after it was queued.",
        since=f"There is no verdict on {window} yet.",
        meaning="The run is late, and may still end by itself. Nothing is known about the model yet.",
        do="Open the run and see which task it is waiting for. The task may be retrying (its log says why), it may "
        "wait for a slot, or the day is larger than others.",
        runbook="docs/runbook.md, section LATE: what to look at",
        links=links,
    )


def retrained_notice(
    name: MonitoredName,
    version: str,
    window: str,
    reason: str,
    table: tuple[tuple[str, ...], ...],
    links: tuple[Link, ...],
    *,
    promoted: bool,
) -> Notice:
    """Return the notice that a new version was compared with the one in production.

    Args:
        name: The model.
        version: Name of the new version.
        window: The last window that it was trained and compared on.
        reason: How the two compare, as a sentence.
        table: The comparison, headings first.
        links: The run.
        promoted: Whether the new version is the better one.
    """
    return Notice(
        **name.model_dump(),
        state=NoticeKind.PROMOTED if promoted else NoticeKind.KEPT,
        window=window,
        about=f"{version} is better" if promoted else f"{version} is not better",
        headline=f"The new version {version} {'is promoted' if promoted else 'is not promoted'}.",
        since=reason,
        meaning="Daywatch deploys nothing: until somebody deploys it, the version in production answers."
        if promoted
        else "The version in production is kept.",
        do="Deploy the version with your own means, and register the deployment with daywatch deployments add. Its "
        "baseline counts from the day after the promotion."
        if promoted
        else "Find out why more recent data makes no better model: too few rows since the change, a feature that is "
        "missing, or a cause that no training repairs.",
        runbook="docs/retraining.md: how versions are compared, and what a promotion is",
        table=table,
        links=links,
    )


def visible_notice(notice: Notice) -> Notice:
    """Return the notice with harmless texts, and the error cut.

    Args:
        notice: Content of the notice, with the error as it was raised.
    """
    error = visible(notice.error)
    cut = error if len(error) <= _LONGEST_ERROR else error[: _LONGEST_ERROR - 1] + "…"
    texts = ("owner", "namespace", "description", "window", "since", "about", "headline")
    shown = {name: visible(getattr(notice, name)) for name in texts}
    table = tuple(tuple(visible(cell) for cell in row) for row in notice.table)
    return notice.model_copy(update={**shown, "error": cut, "table": table})
