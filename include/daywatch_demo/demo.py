"""The demonstration: real days of a real model, served in two ways, monitored by Airflow's own scheduler."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from daywatch.config.deployment.environment import command_line_deployment
from daywatch.storage import Storage, open_storage
from daywatch.warehouse.database import transaction
from daywatch.warehouse.history import JudgedWindow, judged_windows
from daywatch.warehouse.migrate import upgrade
from daywatch.warehouse.retrainings import asked_decisions

from daywatch_demo.flights.data import flights_between, utc
from daywatch_demo.monitored import FLIGHTS, SERVICE, Monitored, retraining_line
from daywatch_demo.stack.errors import StackError

if TYPE_CHECKING:
    from rich.console import Console

    from daywatch_demo.stack.airflow_api import AirflowApi
    from daywatch_demo.stack.stack import Stack

TRAINED_FROM, CAPTURED_FROM, CAPTURED_UNTIL = utc(2013, 1, 1), utc(2013, 1, 22), utc(2013, 2, 15)
REPLAYED = "flights-delay.replayed"
"""Marker object: the captures of the endpoint are complete."""
LOGGED = "flights-service.logged"
"""Marker object: the log of the service is complete."""

_RUN_SECONDS = 900
_WIDTH = 120


class Demo:
    """Starts the stack, replays endpoint and service, lets Airflow judge the days, and shows the verdicts."""

    def __init__(
        self, stack: Stack, console: Console, monitored: tuple[Monitored, ...] = (FLIGHTS, SERVICE)
    ) -> None:
        """Prepare a demonstration on a stack, running or not.

        Args:
            stack: The stack of this clone.
            console: Console for progress and results.
            monitored: The models and the days to judge.
        """
        self._stack = stack
        self._console = console
        self._monitored = monitored
        self._started = time.monotonic()

    def run(self) -> None:
        """Run the whole demonstration; steps that are already done are skipped.

        Raises:
            StackError: A server did not start, or a run failed.
            DaywatchError: The warehouse or the storage did not answer.
        """
        # Storage and database first: Airflow takes longest to start, and the flights are scored meanwhile.
        with self._step("Starting PostgreSQL, S3 and mail"):
            self._stack.up(airflow=False)
        deployment = command_line_deployment(self._stack.environment)
        upgrade(deployment.warehouse_url)
        with ThreadPoolExecutor(max_workers=1) as pool:
            airflow = pool.submit(self._stack.up)
            with self._step("Replaying endpoint and service: scoring 24 days of flights into S3"):
                self.replay(open_storage(deployment.data_uri, deployment))
            with self._step("Starting Airflow"):
                airflow.result()
        with self._stack.api() as api:
            self._build_baselines(api)
            self._backfill(api)
            self._wait_for_retraining(api)
        with transaction(deployment.warehouse_url) as connection:
            judged = {one.name: judged_windows(connection, one.name) for one in self._monitored}
            decided = [row for one in self._monitored for row in asked_decisions(connection, one.name)]
        self._show(judged, [retraining_line(row) for row in decided])

    def replay(self, storage: Storage) -> None:
        """Train the classifier, score the days, and write the captures of endpoint and service, once.

        Args:
            storage: The storage of the data URI.
        """
        from daywatch_demo.flights.classifier import fit
        from daywatch_demo.flights.replay import replay
        from daywatch_demo.flights.transactions import log_transactions

        missing = {
            marker: write
            for marker, write in ((REPLAYED, replay), (LOGGED, log_transactions))
            if not storage.exists(marker)
        }
        if not missing:
            return
        history = flights_between(TRAINED_FROM, CAPTURED_FROM)
        classifier = fit(history, history["late"])
        flights = flights_between(CAPTURED_FROM, CAPTURED_UNTIL)
        for marker, write in missing.items():
            write(flights, classifier, storage)
            storage.write(marker, b"")

    def _build_baselines(self, api: AirflowApi) -> None:
        """Let Airflow build the baselines, unless an earlier demonstration has built them."""
        with self._step("Building the baselines of 22 to 31 January"):
            dags = [f"baseline__{one.name}" for one in self._monitored]
            for dag in dags:
                api.wait_for_dag(dag)
            missing = [dag for dag in dags if not any(run["state"] == "success" for run in api.runs(dag))]
            for dag in missing:
                api.trigger(dag)
            for dag in missing:
                _all_succeeded(list(api.watch_runs(dag, len(api.runs(dag)), _RUN_SECONDS))[-1:])

    def _backfill(self, api: AirflowApi) -> None:
        """Let Airflow's scheduler run the days, except those that have succeeded."""
        days = sum(one.days for one in self._monitored)
        with self._step(f"Judging {days} days in Airflow") as step:
            for one in self._monitored:
                dag = f"monitor__{one.name}"
                api.wait_for_dag(dag)
                newest = _newest_by_window(api.runs(dag))
                if sum(run["state"] == "success" for run in newest.values()) < one.days:
                    api.backfill(dag, one.first, one.last, max_active_runs=2, reprocess="failed")
            ended: dict[tuple[str, str], dict[str, str]] = {}
            deadline = time.monotonic() + _RUN_SECONDS
            while len(ended) < days and time.monotonic() < deadline:
                for one in self._monitored:
                    for window, run in _newest_by_window(api.runs(f"monitor__{one.name}")).items():
                        if run["state"] in ("success", "failed") and (one.name, window) not in ended:
                            ended[one.name, window] = run
                            step(f"{len(ended)} of {days}, {one.name} {window} {run['state']}")
                time.sleep(1.0)
        if len(ended) < days:
            message = (
                f"{len(ended)} of {days} days were judged within {_RUN_SECONDS} s; the others continue in Airflow. "
                "Run `make demo` again when they have ended."
            )
            raise StackError(message)
        _all_succeeded(list(ended.values()))

    def _wait_for_retraining(self, api: AirflowApi) -> None:
        """Wait for the retraining runs that the verdicts triggered."""
        dags = [f"retrain__{one.name}" for one in self._monitored if one.retrains]
        with self._step("Waiting for the retraining"):
            for dag in dags:
                _all_succeeded(list(api.watch_runs(dag, len(api.runs(dag)), _RUN_SECONDS)))

    @contextmanager
    def _step(self, what: str) -> Iterator[Callable[[str], None]]:
        """Show a step while it runs, and afterwards how long it took."""
        start = time.monotonic()
        with self._console.status(f"{what} ...") as status:

            def step(detail: str) -> None:
                status.update(f"{what}: {detail}")
                if not self._console.is_terminal:
                    self._console.print(f"  {detail}")

            if not self._console.is_terminal:
                self._console.print(f"{what} ...")
            yield step
        self._console.print(f"[green]done[/] {what} [dim]({time.monotonic() - start:.0f} s)[/]")

    def _show(self, judged: dict[str, list[JudgedWindow]], retrainings: list[str]) -> None:
        """Print a table for each model, the decisions on retraining and the three addresses."""
        # A row that is too long for the terminal wraps as a whole; cells that wrap one by one cannot be read.
        self._console.width = max(self._console.width, _WIDTH)
        for one in self._monitored:
            self._console.print(one.table(judged[one.name]))
        for line in retrainings:
            self._console.print(f"\nRetraining  {line}", soft_wrap=True)
        settings = self._stack.settings
        warehouse = settings.warehouse_dsn.replace("+psycopg", "")  # in the form that psql reads
        for line in (
            f"\nAirflow     {settings.airflow_url}  user admin, password {_password(self._stack)}",
            f"Pages       {settings.airflow_url}/daywatch/",
            f"Mails       {settings.mailbox_url}",
            f"Warehouse   {warehouse}",
        ):
            self._console.print(line, soft_wrap=True)
        self._console.print(
            f"\n{time.monotonic() - self._started:.0f} s. Stop everything with: make demo-down"
        )


def _newest_by_window(runs: list[dict[str, str]]) -> dict[str, dict[str, str]]:
    """Return the newest run of each window: Airflow keeps a failed run next to the one that repeats it."""
    return {run["partition_key"]: run for run in runs}


def _all_succeeded(runs: list[dict[str, str]]) -> None:
    """Raise a StackError if a run failed."""
    failed = [run["dag_run_id"] for run in runs if run["state"] != "success"]
    if failed:
        message = f"These runs failed: {', '.join(failed)}. Their logs in the Airflow UI give the reason."
        raise StackError(message)


def _password(stack: Stack) -> str:
    return stack.settings.credentials.airflow_password
