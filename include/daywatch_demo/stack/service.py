"""What all servers of the stack have in common: start, wait until it serves, stop."""

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
    """How one server is.

    Attributes:
        problem: Why it does not serve, in words; None when all is well.
        address: Where it is reached, without password.
        memory: Bytes in use.
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
        """Where the server is reached, without password."""

    @abstractmethod
    def command(self) -> Command:
        """How it is started."""

    @abstractmethod
    def problem(self) -> str | None:
        """Why the running server cannot be used yet; None when it can."""

    def prepare(self) -> None:  # noqa: B027 - most servers need nothing
        """Make what has to be there before the server starts."""

    def furnish(self) -> None:  # noqa: B027 - most servers need nothing
        """Make what the server has to hold; run after every start, so it may be there already."""

    def up(self) -> bool:
        """Start the server unless it runs as it should, wait until it serves, and furnish it.

        Returns:
            Whether it was started now.

        Raises:
            StackError: It ended while starting, or did not serve in time.
        """
        command = self.command()
        # A running server may be about to end: then it is started as if it had been found dead.
        started = not (self.process.runs(command) and self._serves())
        if started:
            self.stop()
            self.prepare()
            self.process.start(command)
            if not self._serves():
                raise StackError(self._told(f"{self.name} ended while it was starting"))
        if not self.process.is_furnished():
            self.furnish()
            self.process.set_furnished()
        return started

    def stop(self) -> bool:
        """Stop the server; returns whether it ran."""
        return self.process.stop(self.stop_signal, self.stop_seconds)

    def status(self) -> ServiceStatus:
        """How the server is now."""
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
                raise StackError(self._told(f"{late}: {problem}"))
            time.sleep(_POLL_SECONDS)
        return True

    def _told(self, what: str) -> str:
        return f"{what}. The last lines of {self.process.log}:\n{self.process.log_tail()}"
