"""A real Prometheus Alertmanager, from Debian's package."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

PACKAGE = "prometheus-alertmanager"
_UNPACKED = Path(tempfile.gettempdir()) / "daywatch-tests" / PACKAGE
"""Where the package is unpacked once for all test runs of a machine."""


_WITH_TEMPLATES = 'mount -t tmpfs none /usr/share && cp -r "$0" /usr/share/prometheus && exec "$@"'
"""Debian's build reads its templates in /usr/share: in a file system of its own, that folder has them."""


def command() -> list[str]:
    """Return what starts the server; skip the test where neither it nor Debian's packages are there."""
    installed = shutil.which(PACKAGE)
    if installed:
        return [installed]
    templates, unpacked = _UNPACKED / "usr" / "share" / "prometheus", _UNPACKED / "usr" / "bin" / PACKAGE
    started = ["unshare", "-rm", "sh", "-c", _WITH_TEMPLATES, str(templates), str(unpacked)]
    if unpacked.is_file():
        return started
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        pytest.skip(f"there is no {PACKAGE} here, and no apt-get to fetch it with")
    with tempfile.TemporaryDirectory() as folder:
        fetched = subprocess.run(
            ["apt-get", "download", PACKAGE], cwd=folder, capture_output=True, text=True, check=False
        )
        packages = list(Path(folder).glob("*.deb"))
        if not packages:
            pytest.skip(f"apt-get has no {PACKAGE}: {fetched.stderr.strip()[-200:]}")
        unpacking = Path(folder) / "root"
        subprocess.run(["dpkg", "-x", str(packages[0]), str(unpacking)], check=True)
        _UNPACKED.parent.mkdir(parents=True, exist_ok=True)
        if not _UNPACKED.exists():
            shutil.move(unpacking, _UNPACKED)
    return started


@contextmanager
def alertmanager(folder: Path, port: int) -> Iterator[str]:
    """Yield the address of a running Alertmanager.

    Args:
        folder: A folder for its data.
        port: A free port.
    """
    configuration = folder / "alertmanager.yml"
    configuration.write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
    options = (
        f"--config.file={configuration}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    )
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([*command(), *options], stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 30
        while not _ready(address):
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.05)
        yield address
    finally:
        server.kill()
        server.wait()


def _ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/-/ready").is_success
    except httpx.TransportError:
        return False
