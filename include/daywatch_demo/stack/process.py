"""Server processes that outlive the command that started them and can be found again."""

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

# Both times are in whole seconds. Two processes with the same id never start this close together.
_SAME_START_SECONDS = 2.0
_KILLED_SECONDS = 10.0
_POLL_SECONDS = 0.02

# Keeps the Popen objects: a deleted one warns that its process still runs.
_started: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Command:
    """The command that starts a server.

    Attributes:
        arguments: Program and arguments; everyone on the machine can see them, so they contain no secret.
        environment: The whole environment of the process.
        folder: Working folder of the process.
        user: User and group id of the process; None for those of this process.
        identity: Values that distinguish this command; a running server with other values is out of date.
    """

    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    folder: Path
    user: int | None = None
    identity: Mapping[str, str] = field(default_factory=dict, repr=False)

    def fingerprint(self) -> str:
        """Return a digest of everything that the running server depends on."""
        content = [self.arguments, sorted(self.identity.items()), str(self.folder), self.user]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


class ServerProcess:
    """One server process, recorded in `<state>/run/<name>.json`; its log is `<state>/logs/<name>.log`.

    The record contains the start time next to the process id. If the id belongs to another process after ours
    has ended, this is detected, and that process is left alone.
    """

    def __init__(self, state: Path, name: str) -> None:
        self.name = name
        self._record = state / "run" / f"{name}.json"
        self.log = state / "logs" / f"{name}.log"

    def start(self, command: Command) -> None:
        """Start the server detached from this process: a session of its own, no input, output to its log."""
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
        """Return the id of the running process, None if it does not run."""
        process = self._process()
        return process.pid if process else None

    def runs(self, command: Command) -> bool:
        """Return whether the server runs and was started with this command."""
        return self._process() is not None and self._recorded().get("fingerprint") == command.fingerprint()

    def is_provisioned(self) -> bool:
        """Return whether `set_provisioned` was called since the last start."""
        return self._recorded().get("provisioned") is True

    def set_provisioned(self) -> None:
        """Record that the running server has everything that it has to contain."""
        write_private(self._record, json.dumps({**self._recorded(), "provisioned": True}))

    def started_at(self) -> float:
        """Return the start time of the running process in seconds since 1970; infinity if it does not run."""
        process = self._process()
        return process.create_time() if process else float("inf")

    def memory(self) -> int:
        """Return the memory of the process and its children in bytes, shared pages counted once; 0 if it is down."""
        return sum(_proportional_memory(member) for member in self._family())

    def stop(self, signal: Signals, seconds: float) -> bool:
        """Ask the server to end; after `seconds`, kill it and everything that it started.

        Returns:
            Whether anything ran.
        """
        family = self._family()
        process = self._process()
        if process is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal)
            _wait_for_end([process], seconds)
        # Look again, for children that it started while it was ending and for those that it left behind.
        left = {*family, *self._family()}
        for member in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        _wait_for_end(left, _KILLED_SECONDS)
        self._record.unlink(missing_ok=True)
        return bool(left)

    def log_tail(self, lines: int = 15) -> str:
        """Return the last lines that the server has written."""
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
        """Return the recorded process, if it still runs and is the one that was recorded."""
        _reap()
        record = self._recorded()
        try:
            process = psutil.Process(int(str(record["pid"])))
            return process if _lives(process) and _is_recorded(process, record) else None
        except (KeyError, psutil.NoSuchProcess):
            return None

    def _family(self) -> list[psutil.Process]:
        """Return the process, its descendants, and the members of its session that lost their parent."""
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
                # The id belongs to another process; the system reuses an id only if its session is empty.
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
    # Not the time of day: after a change of the clock we would not recognise our own process.
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
    """Return whether a process runs; one that has ended, but whose parent has not collected it yet, does not.

    The first thread of a process may have ended while other threads still hold its ports and files.
    """
    _reap()
    try:
        if process.is_running() and process.status() == psutil.STATUS_ZOMBIE:
            return process.num_threads() > 1
        return process.is_running()
    except psutil.NoSuchProcess:
        return False


def _reap() -> None:
    """Collect the children of this process that have ended; until then they are zombies."""
    _started[:] = [process for process in _started if process.poll() is None]
