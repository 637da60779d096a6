"""The `daywatch` command in a process of its own that has the libraries already: seconds less than a new one."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from daywatch.cli import main
from forked import exit_codes, start


def run_command(*arguments: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the command in the folder ``/`` and return what it printed, with its exit code.

    Args:
        *arguments: What follows the command's name.
        environment: All its environment variables.
    """
    with tempfile.TemporaryDirectory() as folder:
        printed = [Path(folder) / name for name in ("stdout", "stderr")]
        process = start(_run, arguments, dict(environment), *map(str, printed))
        (code,) = exit_codes([process])
        assert code is not None, f"daywatch {' '.join(arguments)} has not ended"
        return subprocess.CompletedProcess(arguments, code, *(path.read_text() for path in printed))


def _run(arguments: tuple[str, ...], environment: dict[str, str], stdout: str, stderr: str) -> None:
    os.chdir("/")
    os.environ.clear()
    os.environ.update(environment)
    for descriptor, path in ((1, stdout), (2, stderr)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), descriptor)
    sys.argv = ["daywatch", *arguments]
    main()
