"""What commands write: results on stdout, everything else on stderr."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.logging import RichHandler
from rich.text import Text

from daywatch.results import State

if TYPE_CHECKING:
    from daywatch.errors import DaywatchError
    from daywatch.ingest.export_counts import ExportCounts
    from daywatch.verdicts import Verdict

out = Console(highlight=False, soft_wrap=True)
"""Results."""

err = Console(stderr=True, highlight=False, soft_wrap=True)
"""Errors, progress and log lines."""

STATE_STYLE = {State.GREEN: "green", State.AMBER: "yellow", State.RED: "bold red", State.GREY: "bright_black"}
"""The colour of each state, in rich's words."""


@contextmanager
def progress(text: str) -> Iterator[Callable[[str], None]]:
    """Show on a terminal what a command is busy with, and for how long; nothing where stderr is a file.

    Args:
        text: What it is busy with.

    Yields:
        A function that changes the text.
    """
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as shown:
        task = shown.add_task(text, total=None)
        yield lambda changed: shown.update(task, description=changed)


def print_verdict(model: str, window: str, verdict: Verdict) -> None:
    """Print a verdict as one line on stdout: state, model, window and first reason."""
    reason = f" {model} {window}: {verdict.reasons[0]}"
    out.print(Text.assemble((verdict.state, STATE_STYLE[verdict.state]), reason))


def print_intake(counts: ExportCounts) -> None:
    """Print what was read on stderr: records, rows, labels, and each reason of quarantine with an example."""
    from daywatch.ingest.intake_sentences import intake_sentences

    for sentence in intake_sentences(counts):
        err.print(Text(sentence))


def print_error(error: DaywatchError) -> None:
    """Print an error's sentences on stderr."""
    err.print(Text(str(error), style="red"))


def log_to_stderr(*, verbose: bool) -> None:
    """Send the stages' log lines to stderr, so that stdout holds only results.

    Args:
        verbose: Show one line for each stage, and not only warnings.
    """
    handler = RichHandler(console=err, show_path=False, show_level=False, log_time_format="%H:%M:%S")
    logging.getLogger("daywatch").addHandler(handler)
    logging.getLogger("daywatch").setLevel(logging.INFO if verbose else logging.WARNING)
