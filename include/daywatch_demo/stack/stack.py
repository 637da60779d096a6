"""The whole stack: start, stop and inspect all servers, in the right order and in parallel."""

import fcntl
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from daywatch_demo.stack.airflow import AIRFLOW_SERVICES, AirflowService, migrate
from daywatch_demo.stack.airflow_api import AirflowApi
from daywatch_demo.stack.environment import stack_environment, write_environment
from daywatch_demo.stack.errors import StackError
from daywatch_demo.stack.mail import Mail
from daywatch_demo.stack.ports import choose_ports
from daywatch_demo.stack.postgres import Postgres
from daywatch_demo.stack.postgres_home import remove_home
from daywatch_demo.stack.private_file import private_folder
from daywatch_demo.stack.process import ServerProcess
from daywatch_demo.stack.s3 import ObjectStore
from daywatch_demo.stack.service import Service, ServiceStatus
from daywatch_demo.stack.settings import Settings, load_ports, load_settings, save_ports

_SERVICES: tuple[type[Service], ...] = (Postgres, ObjectStore, Mail, *AIRFLOW_SERVICES)


def _quiet(_line: str) -> None:
    pass


class Stack:
    """The servers of one clone.

    Args:
        root: Folder of the clone, with `dags`, `plugins` and `include`.
        state: Folder of everything that the stack writes; `<root>/.daywatch` by default.

    As a context manager it always ends with `down()`.
    """

    def __init__(self, root: Path, state: Path | None = None) -> None:
        self.root = root.resolve()
        self.state = (state or self.root / ".daywatch").resolve()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    @property
    def settings(self) -> Settings:
        """Ports, addresses and credentials.

        Raises:
            StackError: The stack has never been started.
        """
        ports = load_ports(self.state)
        if not ports:
            message = f"The stack in {self.state} has never been started; `make demo` starts it."
            raise StackError(message)
        return load_settings(self.root, self.state, ports)

    @property
    def environment(self) -> dict[str, str]:
        """The variables that connect Airflow, its tasks and the command line to this stack."""
        return stack_environment(self.settings)

    @property
    def environment_file(self) -> Path:
        """The same variables as a dotenv file, written by `up`."""
        return self.state / "env"

    @property
    def mail_folder(self) -> Path:
        """The folder of the mails, one `.eml` file each."""
        return self.state / "mail"

    def api(self) -> AirflowApi:
        """Return a client of this stack's Airflow, logged in as its admin."""
        return AirflowApi(self.settings.airflow_url, "admin", self.settings.credentials.airflow_password)

    def up(self, airflow: bool = True, progress: Callable[[str], None] = _quiet) -> bool:
        """Start the servers that do not run, and wait until all of them serve.

        Args:
            airflow: Whether to start Airflow too; otherwise a running Airflow is left alone.
            progress: Called with one line about each server.

        Returns:
            Whether anything had to be started.

        Raises:
            StackError: A server could not be started; the others stay as they are.
        """
        with self._lock():
            settings = self._settled()
            write_environment(self.environment_file, stack_environment(settings))
            with ThreadPoolExecutor(max_workers=8) as pool:
                database = pool.submit(_start, Postgres(settings), progress)
                others = [pool.submit(_start, service(settings), progress) for service in (ObjectStore, Mail)]
                if airflow:
                    others.append(pool.submit(_start_airflow, settings, database, pool, progress))
                return any(_results([database, *others]))

    def down(self, progress: Callable[[str], None] = _quiet) -> bool:
        """Stop every server, first those that use others. The data stays.

        Returns:
            Whether anything ran.
        """
        with self._lock():
            ports = load_ports(self.state)
            if not ports:
                return False
            settings = load_settings(self.root, self.state, ports)
            users: list[Service] = [service(settings) for service in AIRFLOW_SERVICES]
            used: list[Service] = [service(settings) for service in (ObjectStore, Mail, Postgres)]
            with ThreadPoolExecutor(max_workers=4) as pool:
                # Lists, so that the first are down before the second are stopped.
                stopped = list(pool.map(lambda service: _stop(service, progress), users))
                stopped += list(pool.map(lambda service: _stop(service, progress), used))
        return any(stopped)

    def delete(self) -> None:
        """Stop every server and delete everything that the stack has written, including databases and mails."""
        self.down()
        remove_home(self.state)
        shutil.rmtree(self.state)

    def status(self) -> list[ServiceStatus]:
        """Return the status of each server; empty if the stack has never been started."""
        ports = load_ports(self.state)
        if not ports:
            return []
        settings = load_settings(self.root, self.state, ports)
        return [service(settings).status() for service in _SERVICES]

    def _settled(self) -> Settings:
        """Return settings with all ports: those of running servers stay, occupied ones are replaced."""
        names = [name for service in _SERVICES for name in service.port_names]
        running = [
            name
            for service in _SERVICES
            if ServerProcess(self.state, service.name).pid() is not None
            for name in service.port_names
        ]
        remembered = load_ports(self.state)
        ports = choose_ports(names, remembered, running)
        if ports != remembered:
            save_ports(self.state, ports)
        return load_settings(self.root, self.state, ports)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Allow one `up` or `down` at a time, also across shells; the lock ends with this process at the latest."""
        with (private_folder(self.state) / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


@contextmanager
def temporary_stack(root: Path, state: Path) -> Iterator[Stack]:
    """Yield a stack that is not started yet, and delete all of it after the block; for tests."""
    stack = Stack(root, state)
    try:
        yield stack
    finally:
        stack.delete()


def _start(service: Service, progress: Callable[[str], None]) -> bool:
    start = time.monotonic()
    started = service.up()
    how = f"started in {time.monotonic() - start:.1f} s" if started else "is already running"
    progress(f"{service.name:<13} {how}, {service.address}")
    return started


def _start_airflow(
    settings: Settings, database: Future[bool], pool: ThreadPoolExecutor, progress: Callable[[str], None]
) -> bool:
    database.result()
    services: list[AirflowService] = [service(settings) for service in AIRFLOW_SERVICES]
    if not all(service.process.runs(service.command()) for service in services):
        migrate(settings)
    return any(_results([pool.submit(_start, service, progress) for service in services]))


def _results(futures: Sequence[Future[bool]]) -> list[bool]:
    """Return all results; if there are errors, raise the first one after all have ended."""
    errors = [error for future in futures if (error := future.exception())]
    if errors:
        raise errors[0]
    return [future.result() for future in futures]


def _stop(service: Service, progress: Callable[[str], None]) -> bool:
    stopped = service.stop()
    if stopped:
        progress(f"{service.name:<13} stopped")
    return stopped
