"""Airflow: the four servers of a deployment with the LocalExecutor, and its database's schema."""

import json
import subprocess
import sysconfig
from datetime import datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from daywatch_demo.stack.environment import process_environment, stack_environment
from daywatch_demo.stack.errors import StackError
from daywatch_demo.stack.private_file import private_folder, write_private
from daywatch_demo.stack.process import Command
from daywatch_demo.stack.service import Service
from daywatch_demo.stack.settings import Settings

_MIGRATE_SECONDS = 300
_CLOCK_SECONDS = 1.0  # a process's start time is known to the second; importing Airflow takes longer


def migrate(settings: Settings) -> None:
    """Bring the schema of Airflow's database up to date, and write the login that it shall know.

    Raises:
        StackError: Airflow could not; the message holds the end of what it said.
    """
    home = private_folder(settings.state / "airflow")
    write_private(home / "passwords.json", json.dumps({"admin": settings.credentials.airflow_password}))
    log = private_folder(settings.state / "logs") / "airflow-migrate.log"
    command = [str(_program()), "db", "migrate"]
    try:
        result = subprocess.run(  # noqa: S603 - our own command, no shell
            command,
            env=process_environment(stack_environment(settings)),
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_MIGRATE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        message = f"`airflow db migrate` did not end within {_MIGRATE_SECONDS} s."
        raise StackError(message) from error
    write_private(log, result.stdout)
    if result.returncode:
        tail = "\n".join(result.stdout.splitlines()[-15:])
        message = (
            f"`airflow db migrate` failed (exit code {result.returncode}). The last lines of {log}:\n{tail}"
        )
        raise StackError(message)


class AirflowService(Service):
    """One of Airflow's servers."""

    arguments: tuple[str, ...]
    start_seconds = 120.0
    stop_seconds = 20.0

    @property
    def address(self) -> str:
        """Airflow's pages, where this server's health is shown too."""
        return self.settings.airflow_url

    def command(self) -> Command:
        """The `airflow` command in the environment of the stack."""
        own = stack_environment(self.settings)
        return Command(
            arguments=(str(_program()), *self.arguments),
            environment=process_environment(own),
            folder=private_folder(self.settings.state / "airflow"),
            identity=own,
        )

    def problem(self) -> str | None:
        """What Airflow's own health page says about this server."""
        address = f"{self.address}/api/v2/monitor/health"
        try:
            with build_opener(ProxyHandler({})).open(address, timeout=10) as answer:
                health = json.load(answer)
        except (URLError, TimeoutError, ConnectionError, ValueError) as error:
            return f"no answer from {address}: {error}"
        return self._judge(health)

    def _judge(self, health: dict[str, dict[str, str | None]]) -> str | None:
        part = self.name.replace("-", "_")
        found = health.get(part) or {}
        heartbeat = found.get(f"latest_{part}_heartbeat")
        if found.get("status") != "healthy" or heartbeat is None:
            return f"Airflow says: {found.get('status') or 'unknown'}, last heard of {heartbeat or 'never'}"
        # For half a minute the last heartbeat of a server that was killed still counts as healthy.
        if datetime.fromisoformat(heartbeat).timestamp() < self.process.started_at() + _CLOCK_SECONDS:
            return "it has not sent its first heartbeat"
        return None


class ApiServer(AirflowService):
    """Pages, REST API and the API that running tasks talk to."""

    name = "api-server"
    arguments = ("api-server",)
    port_names = ("airflow",)

    def _judge(self, health: dict[str, dict[str, str | None]]) -> str | None:
        status = health["metadatabase"]["status"]
        return None if status == "healthy" else f"Airflow says that its database is {status}"


class Scheduler(AirflowService):
    """Decides what runs, and runs it: the LocalExecutor's workers are its children."""

    name = "scheduler"
    # Logs are read from the folder that all servers share; the port of a log server would be a fixed one.
    arguments = ("scheduler", "--skip-serve-logs")


class DagProcessor(AirflowService):
    """Reads the DAG files."""

    name = "dag-processor"
    arguments = ("dag-processor",)


class Triggerer(AirflowService):
    """Waits for what deferred tasks wait for."""

    name = "triggerer"
    arguments = ("triggerer", "--skip-serve-logs")


AIRFLOW_SERVICES: tuple[type[AirflowService], ...] = (ApiServer, Scheduler, DagProcessor, Triggerer)


def _program() -> Path:
    program = Path(sysconfig.get_path("scripts")) / "airflow"
    if not program.exists():
        message = f"{program} is missing: apache-airflow is not installed; run `make install`."
        raise StackError(message)
    return program
