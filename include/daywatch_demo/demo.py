"""The demonstration: real days of a real model, served in two ways and retrained, monitored by Airflow's scheduler."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from daywatch.config.deployment.environment import command_line_deployment
from daywatch.storage import open_storage
from daywatch.warehouse.database import transaction
from daywatch.warehouse.history import JudgedWindow, judged_windows
from daywatch.warehouse.migrate import upgrade
from daywatch.warehouse.retrainings import asked_decisions

from daywatch_demo.judging import backfill, build_baselines, judge_after_retraining, wait_for_retraining
from daywatch_demo.monitored import FLIGHTS, NEWARK, SERVICE, Monitored, retraining_lines
from daywatch_demo.serving import deploy, replay

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.storage import Storage
    from rich.console import Console

    from daywatch_demo.stack.airflow_api import AirflowApi
    from daywatch_demo.stack.stack import Stack

_WIDTH = 120


class Demo:
    """Starts the stack, replays endpoint and service, lets Airflow judge the days, and shows the verdicts."""

    def __init__(
        self, stack: Stack, console: Console, monitored: tuple[Monitored, ...] = (FLIGHTS, SERVICE, NEWARK)
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
            with self._step("Replaying endpoint and service: scoring flights into S3"):
                self.replay(open_storage(deployment.data_uri, deployment))
            with self._step("Starting Airflow"):
                airflow.result()
        with self._stack.api() as api:
            self._judge(api, deployment)
        with transaction(deployment.warehouse_url) as connection:
            judged = {one.name: judged_windows(connection, one.name) for one in self._monitored}
            decided = [row for one in self._monitored for row in asked_decisions(connection, one.name)]
        self._show(judged, retraining_lines(decided))

    def replay(self, storage: Storage) -> None:
        """Write the captures and labels of the models that are monitored, once.

        Args:
            storage: The storage of the data URI.
        """
        replay(storage, [one.name for one in self._monitored])

    def _judge(self, api: AirflowApi, deployment: Deployment) -> None:
        """Let Airflow judge the days: first those that need no other version, then those of each retraining."""
        with self._step("Building the baselines of 22 to 31 January"):
            build_baselines(api, self._monitored)
        days = sum((one.backfilled_until - one.first).days + 1 for one in self._monitored)
        with self._step(f"Judging {days} days in Airflow") as step:
            backfill(api, self._monitored, step)
        for one in self._monitored:
            if one.retrained_on is not None:
                what = f"Retraining {one.name}, and judging the days of its new version"
                with self._step(what) as step:
                    judge_after_retraining(api, one, partial(deploy, one.name, deployment), step)
            else:
                wait_for_retraining(api, one)

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
            if one.note:
                self._console.print(f" {one.note}")
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


def _password(stack: Stack) -> str:
    return stack.settings.credentials.airflow_password
