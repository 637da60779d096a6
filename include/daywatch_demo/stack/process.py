"""Server processes that outlive the command that started them, and that are found again later."""

import contextlib
import hashlib
import json
import os
import subprocess
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals

import psutil

from daywatch_demo.stack.private_file import private_folder, write_private

# Both are read from a clock in whole seconds; two processes with one number are never this close.
_SAME_START_SECONDS = 2.0
_KILLED_SECONDS = 10.0
_POLL_SECONDS = 0.02

# Popen objects are kept: a dropped one warns that its process still runs.
_started: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Command:
    """How a server is started.

    Attributes:
        arguments: Program and arguments; visible to everyone on the machine, so never a secret.
        environment: The whole environment of the process.
        folder: Its working folder.
        user: User and group id to run as; None keeps ours.
        identity: What makes this command another one; a running server with another identity is out of date.
    """

    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    folder: Path
    user: int | None = None
    identity: Mapping[str, str] = field(default_factory=dict, repr=False)

    def fingerprint(self) -> str:
        """A digest of all that the running server depends on."""
        content = [self.arguments, sorted(self.identity.items()), str(self.folder), self.user]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


class ServerProcess:
    """One server process, remembered in `<state>/run/<name>.json`, logging to `<state>/logs/<name>.log`.

    The record holds the start time beside the process id: an id that was given to a stranger's process
    after ours ended is recognised, and that process is left alone.
    """

    def __init__(self, state: Path, name: str) -> None:
        self.name = name
        self._record = state / "run" / f"{name}.json"
        self.log = state / "logs" / f"{name}.log"

    def start(self, command: Command) -> None:
        """Start the server detached from this process: own session, no input, output to its log."""
        private_folder(self._record.parent)
        private_folder(self.log.parent)
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".previous.log"))
        self.log.touch(mode=0o600)
        with self.log.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own command, no shell
                command.arguments,
                env=dict(command.environment),
                cwd=command.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                umask=0o077,
                user=command.user,
                group=command.user,
                extra_groups=None if command.user is None else [],
            )
        _started.append(process)
        record = {
            "pid": process.pid,
            "started": _seconds_after_boot(psutil.Process(process.pid)),
            "fingerprint": command.fingerprint(),
        }
        write_private(self._record, json.dumps(record))

    def pid(self) -> int | None:
        """The id of the running process, None when it does not run."""
        process = self._process()
        return process.pid if process else None

    def runs(self, command: Command) -> bool:
        """Whether the server runs, and was started with this very command."""
        return self._process() is not None and self._recorded().get("fingerprint") == command.fingerprint()

    def is_furnished(self) -> bool:
        """Whether `set_furnished` was called since the last start."""
        return self._recorded().get("furnished") is True

    def set_furnished(self) -> None:
        """Remember that everything was made that the running server has to hold."""
        write_private(self._record, json.dumps({**self._recorded(), "furnished": True}))

    def started_at(self) -> float:
        """When the running process was started, in seconds since 1970."""
        process = self._process()
        return process.create_time() if process else float("inf")

    def memory(self) -> int:
        """Bytes of memory of the process and its children, shared pages counted once (0 when it is down)."""
        return sum(_proportional_memory(member) for member in self._family())

    def stop(self, signal: Signals, seconds: float) -> bool:
        """Ask the server to end, and end it and whatever it started by force after `seconds`.

        Returns:
            Whether something had to be stopped.
        """
        family = self._family()
        process = self._process()
        if process is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal)
            _wait_for_end([process], seconds)
        # Asked again: children that it started while it was ending, and those that it left behind.
        left = {*family, *self._family()}
        for member in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        _wait_for_end(left, _KILLED_SECONDS)
        self._record.unlink(missing_ok=True)
        return bool(left)

    def log_tail(self, lines: int = 15) -> str:
        """The last lines that the server has written."""
        if not self.log.exists():
            return "(it has written no log)"
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:]) or "(its log is empty)"

    def _recorded(self) -> dict[str, object]:
        try:
            record: dict[str, object] = json.loads(self._record.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return record

    def _process(self) -> psutil.Process | None:
        """The recorded process, if it lives and is still the one that was recorded."""
        _reap()
        record = self._recorded()
        try:
            process = psutil.Process(int(str(record["pid"])))
            return process if _lives(process) and _is_recorded(process, record) else None
        except (KeyError, psutil.NoSuchProcess):
            return None

    def _family(self) -> list[psutil.Process]:
        """The process, its descendants, and the members of its session that lost their parent."""
        process = self._process()
        descendants = []
        with contextlib.suppress(psutil.NoSuchProcess):
            descendants = [process, *process.children(recursive=True)] if process else []
        return [*descendants, *(member for member in self._session() if member not in descendants)]

    def _session(self) -> list[psutil.Process]:
        record = self._recorded()
        if not record:
            return []
        leader = int(str(record["pid"]))
        members = []
        with contextlib.suppress(psutil.NoSuchProcess):
            if not _is_recorded(psutil.Process(leader), record):
                # The id serves a stranger; the system gives an id away only when its session is empty.
                return []
        for pid in psutil.pids():
            with contextlib.suppress(psutil.NoSuchProcess):
                if pid != leader and _session_of(pid) == leader:
                    members.append(psutil.Process(pid))
        return members


def _is_recorded(process: psutil.Process, record: dict[str, object]) -> bool:
    return abs(_seconds_after_boot(process) - float(str(record["started"]))) <= _SAME_START_SECONDS


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def _seconds_after_boot(process: psutil.Process) -> float:
    # Not the time of day: setting the clock would turn our own process into a stranger.
    return process.create_time() - psutil.boot_time()


def _proportional_memory(process: psutil.Process) -> int:
    try:
        memory = process.memory_full_info()
    except psutil.NoSuchProcess:
        return 0
    except psutil.AccessDenied:
        return int(process.memory_info().rss)
    return int(getattr(memory, "pss", memory.rss))


def _wait_for_end(processes: Collection[psutil.Process], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while any(_lives(process) for process in processes) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)


def _lives(process: psutil.Process) -> bool:
    """Whether it runs; one that has ended, but that its parent has not asked for yet, does not.

    The first thread of a dying process may have ended while others still hold its ports and files.
    """
    _reap()
    try:
        if process.is_running() and process.status() == psutil.STATUS_ZOMBIE:
            return process.num_threads() > 1
        return process.is_running()
    except psutil.NoSuchProcess:
        return False


def _reap() -> None:
    """Take note of the children of this process that have ended; until then they are zombies."""
    _started[:] = [process for process in _started if process.poll() is None]
