"""What all servers of the stack share: start, wait until they serve, stop."""

import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from signal import SIGTERM, Signals
from typing import ClassVar

from daywatch_demo.stack.errors import StackError
from daywatch_demo.stack.process import Command, ServerProcess
from daywatch_demo.stack.settings import Settings

_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class ServiceStatus:
    """The status of one server.

    Attributes:
        name: The server's name.
        pid: Process id; None if it does not run.
        problem: Why it does not serve, as text; None if it serves.
        address: The server's address, without password.
        memory: Memory in use, in bytes.
    """

    name: str
    pid: int | None
    problem: str | None
    address: str
    memory: int


class Service(ABC):
    """One server of the stack."""

    name: ClassVar[str]
    port_names: ClassVar[tuple[str, ...]] = ()
    start_seconds: ClassVar[float] = 60.0
    stop_signal: ClassVar[Signals] = SIGTERM
    stop_seconds: ClassVar[float] = 10.0

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.process = ServerProcess(settings.state, self.name)

    @property
    @abstractmethod
    def address(self) -> str:
        """The server's address, without password."""

    @abstractmethod
    def command(self) -> Command:
        """Return the command that starts the server."""

    @abstractmethod
    def problem(self) -> str | None:
        """Return why the running server cannot be used yet; None if it can."""

    def prepare(self) -> None:  # noqa: B027 - most servers need nothing
        """Create what has to exist before the server starts."""

    def provision(self) -> None:  # noqa: B027 - most servers need nothing
        """Create what the server has to contain; runs after every start, so it may already exist."""

    def up(self) -> bool:
        """Start the server unless it runs with this command, wait until it serves, and provision it.

        Returns:
            Whether this call started the server.

        Raises:
            StackError: The server ended while starting, or did not serve in time.
        """
        command = self.command()
        # A running server may be ending: it is then started as if it had not been running.
        started = not (self.process.runs(command) and self._serves())
        if started:
            self.stop()
            self.prepare()
            self.process.start(command)
            if not self._serves():
                raise StackError(self._with_log(f"{self.name} ended while it was starting"))
        if not self.process.is_provisioned():
            self.provision()
            self.process.set_provisioned()
        return started

    def stop(self) -> bool:
        """Stop the server and return whether it ran."""
        return self.process.stop(self.stop_signal, self.stop_seconds)

    def status(self) -> ServiceStatus:
        """Return the present status of the server."""
        pid = self.process.pid()
        problem = self.problem() if pid else "it is not running"
        return ServiceStatus(self.name, pid, problem, self.address, self.process.memory())

    def _serves(self) -> bool:
        """Wait until the server serves, or has ended."""
        deadline = time.monotonic() + self.start_seconds
        while problem := self.problem():
            if self.process.pid() is None:
                return False
            if time.monotonic() > deadline:
                late = f"{self.name} at {self.address} did not serve within {self.start_seconds:.0f} s"
                raise StackError(self._with_log(f"{late}: {problem}"))
            time.sleep(_POLL_SECONDS)
        return True

    def _with_log(self, what: str) -> str:
        return f"{what}. The last lines of {self.process.log}:\n{self.process.log_tail()}"
