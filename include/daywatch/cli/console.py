"""What commands write: results on stdout, everything else on stderr."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from rich.console import Console
from rich.logging import RichHandler
from rich.text import Text

from daywatch.results import State

if TYPE_CHECKING:
    from daywatch.errors import DaywatchError
    from daywatch.results import Verdict

out = Console(highlight=False, soft_wrap=True)
"""Results."""

err = Console(stderr=True, highlight=False, soft_wrap=True)
"""Errors, progress and log lines."""

STATE_STYLE = {State.GREEN: "green", State.AMBER: "yellow", State.RED: "bold red", State.GREY: "bright_black"}
"""The colour of each state, in rich's words."""


def print_verdict(model: str, window: str, verdict: Verdict) -> None:
    """Print a verdict as one line on stdout: state, model, window and first reason."""
    reason = f" {model} {window}: {verdict.reasons[0]}"
    out.print(Text.assemble((verdict.state, STATE_STYLE[verdict.state]), reason))


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
