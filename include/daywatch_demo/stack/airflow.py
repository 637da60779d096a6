"""Airflow: the four servers of a deployment with the LocalExecutor, and the schema of its database."""

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
_CLOCK_SECONDS = 1.0  # the start time of a process is exact to the second; importing Airflow takes longer


def migrate(settings: Settings) -> None:
    """Upgrade the schema of Airflow's database, and write the file with the login.

    Raises:
        StackError: The upgrade failed; the message has the last lines of its output.
    """
    home = private_folder(settings.state / "airflow")
    write_private(
        home / "passwords.json",
        json.dumps(dict.fromkeys(("admin", "viewer"), settings.credentials.airflow_password)),
    )
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
        """The address of Airflow's pages, which also show the health of this server."""
        return self.settings.airflow_url

    def command(self) -> Command:
        """Return the `airflow` command in the environment of the stack."""
        own = stack_environment(self.settings)
        return Command(
            arguments=(str(_program()), *self.arguments),
            environment=process_environment(own),
            folder=private_folder(self.settings.state / "airflow"),
            identity=own,
        )

    def problem(self) -> str | None:
        """Return what Airflow's own health page says about this server; None if it is healthy."""
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
            return f"Airflow says: {found.get('status') or 'unknown'}, last heartbeat {heartbeat or 'never'}"
        # The last heartbeat of a killed server counts as healthy for half a minute.
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
    # All servers read logs from a shared folder; a log server would need a fixed port.
    arguments = ("scheduler", "--skip-serve-logs")


class DagProcessor(AirflowService):
    """Reads the DAG files."""

    name = "dag-processor"
    arguments = ("dag-processor",)


class Triggerer(AirflowService):
    """Waits for the events of deferred tasks."""

    name = "triggerer"
    arguments = ("triggerer", "--skip-serve-logs")


AIRFLOW_SERVICES: tuple[type[AirflowService], ...] = (ApiServer, Scheduler, DagProcessor, Triggerer)


def _program() -> Path:
    program = Path(sysconfig.get_path("scripts")) / "airflow"
    if not program.exists():
        message = f"{program} is missing: apache-airflow is not installed; run `make install`."
        raise StackError(message)
    return program
