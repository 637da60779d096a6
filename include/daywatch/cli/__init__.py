"""The command line: the stages without Airflow, and what the warehouse and the registry hold.

The entry point `daywatch` is ``main``. Each group of commands has its own module.
"""

from __future__ import annotations

from daywatch.cli.interrupt import run_interruptible


def main() -> None:
    """Run the command that was asked for, and leave with its exit code."""
    run_interruptible(_run)


def _run() -> int:
    # Imported here, so that Ctrl-C ends the process quietly from the start.
    from daywatch.cli.app import run_commands

    return run_commands()
