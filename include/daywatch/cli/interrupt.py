"""Ctrl-C: one line and exit code 130 within three seconds, whatever the process is busy with.

Python's own handler runs only in the main thread, and only between two steps of Python code. A query of DuckDB, a
long import or a wait for another thread would delay it. Here the signal also wakes a thread of its own.
"""

from __future__ import annotations

import atexit
import logging
import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

EXIT_CODE = 130
"""128 and the number of the signal, as shells expect it."""

LINE = "Interrupted. What was stored is complete; run the same command again to go on."

_UNWIND = 1.5
"""Seconds in which the command may close its files and connections by itself."""

_CLEAN = 1.0
"""Seconds for what it left: the scratch folders, which hold captured values."""

_CLEAR_LINE = "\r\x1b[2K\x1b[?25h"
"""Removes the line of the progress from a terminal, and shows the cursor again."""

_announced = threading.Lock()
_interrupted = threading.Event()


def run_interruptible(command: Callable[[], int]) -> NoReturn:
    """Run a command and leave with its exit code; Ctrl-C prints one line and leaves with 130.

    The process ends at once. DuckDB 2.0 and Great Expectations in one process print a page of "nanobind: leaked" on
    stderr when the interpreter shuts down, and nothing of ours needs that shutdown.

    Args:
        command: What to run, in the main thread; returns the exit code.
    """
    _watch()
    try:
        code = command()
    finally:
        if _interrupted.is_set():
            _announce()
            _clean()
            os._exit(EXIT_CODE)
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _watch() -> None:
    """Start the thread that the signal wakes."""
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, _interrupt)
    threading.Thread(target=_leave, args=(read_end,), name="daywatch-interrupt", daemon=True).start()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Unwind the command, unless it unwinds already."""
    if not _interrupted.is_set():
        _interrupted.set()
        raise KeyboardInterrupt


def _leave(read_end: int) -> NoReturn:
    """End the process when the command has not ended by itself; at once on a second Ctrl-C."""
    while os.read(read_end, 1) != bytes([signal.SIGINT]):
        pass
    _announce()
    _second_signal(read_end)
    _clean()
    os._exit(EXIT_CODE)


def _second_signal(read_end: int) -> None:
    """Wait until the command has had its time, or somebody is impatient."""
    select.select([read_end], [], [], _UNWIND)


def _clean() -> None:
    """Do what Python does at a normal end, in bounded time: a folder that a query writes to may be left over."""
    cleaner = threading.Thread(target=atexit._run_exitfuncs, daemon=True)
    cleaner.start()
    cleaner.join(_CLEAN)


def _announce() -> None:
    """Print the line, once, as the last one."""
    if not _announced.acquire(blocking=False):
        return
    clear = _CLEAR_LINE if os.isatty(2) else ""
    os.write(2, f"{clear}{LINE}\n".encode())
    # Queries that are broken off and threads that go on would print errors after it.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
