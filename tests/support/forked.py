"""Processes forked from one that has imported the libraries, as Airflow's tasks are; each starts in milliseconds."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from functools import cache
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from typing import Any

import pytest

_SECONDS = 300.0


@cache
def _context() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["forked_libraries"])
    with pytest.MonkeyPatch.context() as patched:  # the fork server looks for modules there alone
        patched.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        forkserver.ensure_running()
    return context


def start(function: Callable[..., None], *arguments: Any) -> BaseProcess:
    """Start a function of a module in a process of its own."""
    process: BaseProcess = _context().Process(target=function, args=arguments)
    process.start()
    return process


def exit_codes(processes: list[BaseProcess]) -> list[int | None]:
    """Wait for processes and return their exit codes."""
    for process in processes:
        process.join(_SECONDS)
    return [process.exitcode for process in processes]


def killed_when(begun: Callable[[], bool], function: Callable[..., None], *arguments: Any) -> None:
    """Start a function in a process of its own, and kill it with -9 at a point of its work.

    Args:
        begun: Whether it has come to this point.
        function: A function of a module.
        *arguments: Its arguments, which pickle.
    """
    process = start(function, *arguments)
    deadline = time.monotonic() + _SECONDS
    while not begun():
        assert process.is_alive(), f"it ended with {process.exitcode} before"
        assert time.monotonic() < deadline, "it never came to this point"
        time.sleep(0.01)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert process.exitcode == -signal.SIGKILL
