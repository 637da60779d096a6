"""Scratch folders: locked while their process lives, and removed by the next start where it was killed.

They hold captured values, so none may stay. The lock is the operating system's (flock): it ends with the
process, however it ends.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "daywatch-scratch-"
_LOCK = ".lock"


@contextmanager
def locked_folder(parent: Path | None) -> Iterator[Path]:
    """Yield a new folder that only this user may read, and remove it afterwards with all that is in it.

    Folders of processes that were killed are removed first.

    Args:
        parent: An existing folder; None for the system's folder of temporary files.
    """
    remove_abandoned(Path(parent or tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=parent, ignore_cleanup_errors=True) as made:
        folder = Path(made)
        # Locked before it has its name: a lock that others can see is always held.
        unnamed = folder / f"{_LOCK}.new"
        held = os.open(unnamed, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            unnamed.rename(folder / _LOCK)
            yield folder
        finally:
            os.close(held)


def remove_abandoned(parent: Path) -> None:
    """Remove the scratch folders in a folder whose processes are gone.

    A folder without a lock is left: its process may be about to lock it.

    Args:
        parent: The folder that holds scratch folders.
    """
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):  # somebody else's, or another process removes it just now
            if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
                continue
            held = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(held)
