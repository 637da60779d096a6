"""Programs of Debian's packages that some tests run: those that are installed, else fetched where apt-get is there."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

_CACHE = Path.home() / ".cache" / "daywatch-tests"


def installed(names: tuple[str, ...], package: str) -> str:
    """Return the path of a program, which is installed with its package if it is not there."""
    if (found := _which(names)) is None and shutil.which("apt-get") and os.geteuid() == 0:
        for command in (("update", "-q"), ("install", "-q", "-y", "--no-install-recommends", package)):
            subprocess.run(("apt-get", *command), check=False, capture_output=True)
        found = _which(names)
    if found is None:
        _missing(names[0], package)
    return str(found)


def unpacked(name: str, package: str) -> str:
    """Return the path of a program that needs nothing else of its package; the package is not installed."""
    found = shutil.which(name)
    program = _CACHE / package / "usr" / "bin" / name
    if found is None and not program.is_file() and shutil.which("apt-get"):
        _CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(("apt-get", "download", package), cwd=_CACHE, check=False, capture_output=True)
        for archive in _CACHE.glob(f"{package}_*.deb"):
            subprocess.run(("dpkg-deb", "-x", str(archive), str(_CACHE / package)), check=False)
            archive.unlink()
    if found is None and not program.is_file():
        _missing(name, package)
    return found or str(program)


def _missing(name: str, package: str) -> NoReturn:
    """Fail in CI and wherever the package could be installed; elsewhere say what was not tested."""
    reason = f"There is no {name} here: install it (Debian and Ubuntu: apt-get install {package})."
    if "CI" in os.environ or shutil.which("apt-get"):
        pytest.fail(reason)
    pytest.skip(reason)


def _which(names: tuple[str, ...]) -> str | None:
    return next(filter(None, map(shutil.which, names)), None)
