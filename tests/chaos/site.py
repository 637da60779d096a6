"""A RED day on real servers behind proxies, which can be put back to before it began."""

from __future__ import annotations

import email
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from captures import Endpoint, day_of
from daywatch.config.deployment.connections import connections_from_environment
from daywatch.config.deployment.deployment import Deployment, deployment_from
from daywatch.errors import DaywatchError
from daywatch.stages.build_baseline import build_baseline
from daywatch.storage import open_storage
from daywatch.warehouse import tables
from daywatch.warehouse.database import transaction
from daywatch.warehouse.migrate import upgrade
from daywatch_demo.stack.postgres import Postgres
from daywatch_demo.stack.settings import WAREHOUSE
from daywatch_demo.stack.stack import Stack
from fault_proxy import FaultProxy, fault_proxy
from faults import Fault
from models import NAME
from places import BASELINE_DAYS, DAY
from psycopg import sql
from red_day import STAGES, Progress, run_stage
from rows import dump

_SILENCE = 4
"""Seconds for which a server may say nothing."""

MOST_TRIES = 5
"""As many as Airflow's: one and four retries."""

_BEFORE = "before_the_day"
"""The database to which the warehouse is put back."""

_CLOCKS = ("seconds", "recorded_at", "frozen_at", "sent_at", "created_at", "decided_at")
"""Columns that say when something was done, and how long it took."""

Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Outcome:
    """All that a day leaves behind.

    Attributes:
        rows: Every row of the warehouse by table and view, without clocks.
        artifacts: The fingerprint of each artifact's content by key.
        mails: The Message-IDs of the mails about the day.
        scratch: Scratch folders that are still there.
    """

    rows: Rows
    artifacts: dict[str, str]
    mails: tuple[str, ...]
    scratch: tuple[str, ...]

    def differences(self, other: Outcome) -> list[str]:
        """Return the tables and artifacts that differ."""
        tables = [name for name in {*self.rows, *other.rows} if self.rows.get(name) != other.rows.get(name)]
        keys = {*self.artifacts, *other.artifacts}
        return sorted(
            [*tables, *(key for key in keys if self.artifacts.get(key) != other.artifacts.get(key))]
        )

    @property
    def trained(self) -> list[str]:
        """The versions that were trained."""
        return [row["version"] for row in self.rows["model_version"]]


@dataclass(frozen=True)
class Site:
    """The servers, each behind a proxy, and Daywatch on them.

    Attributes:
        stack: The servers.
        environment: The variables of Daywatch, which lead through the proxies.
        deployment: The deployment of these variables.
        proxies: ``s3``, ``postgres`` and ``smtp``.
        known: The undisturbed day, once it has been run.
    """

    stack: Stack
    environment: dict[str, str]
    deployment: Deployment
    proxies: dict[str, FaultProxy]
    known: Progress = field(default_factory=Progress)

    def put_back(self, *stages: str) -> None:
        """Forget the day: its rows, mails and faults, and the artifacts of stages.

        Args:
            *stages: The stages whose artifacts are forgotten; the others are not run again. None for all.
        """
        _copy_database(self.stack, _BEFORE, WAREHOUSE)
        self.heal()
        kept = {
            key for stage, keys in self.known.keys.items() if stages and stage not in stages for key in keys
        }
        for key in self.artifacts():
            if key not in kept and not key.startswith(f"{NAME}/baselines/"):
                self._storage().delete(key)
        for path in self.stack.mail_folder.glob("*.eml"):
            path.unlink()

    def heal(self) -> None:
        """End all faults, and let the time pass after which a claimed mail is free again."""
        for proxy in self.proxies.values():
            proxy.plan()
            proxy.listen()
        with transaction(self.deployment.warehouse_url) as connection:
            connection.execute(sa.update(tables.notification).values(claimed_until=None))

    def outcome(self) -> Outcome:
        """Return all that the day left behind."""
        found = dump(self.deployment.warehouse_url)
        rows = {
            name: sorted(({k: v for k, v in row.items() if k not in _CLOCKS} for row in table), key=repr)
            for name, table in found.items()
        }
        mails = tuple(mail["Message-ID"] for mail in self._mails())
        scratch = tuple(sorted(path.name for path in Path(self.environment["DAYWATCH_SCRATCH"]).iterdir()))
        return Outcome(rows, self.artifacts(), mails, scratch)

    def plan(self, server: str, *faults: Fault) -> None:
        """Plan faults of one server."""
        self.proxies[server].plan(*faults)

    def run_until_done(self, *stages: str, deployment: Deployment | None = None) -> list[DaywatchError]:
        """Run the day as Airflow does: a stage that fails is run again; the faults end with the first failure.

        Args:
            *stages: The stages to run; of the others the undisturbed day is used. None for all.
            deployment: The deployment until the first failure, if it is another one.

        Returns:
            The errors that ended stages before they succeeded.
        """
        errors: list[DaywatchError] = []
        progress = self.begun()
        for stage in stages or STAGES:
            while True:
                try:
                    run_stage(stage, progress, deployment or self.deployment)
                except DaywatchError as error:
                    errors.append(error)
                    assert len(errors) < MOST_TRIES, errors
                    self.heal()
                    deployment = None
                else:
                    break
        return errors

    def begun(self) -> Progress:
        """Return what the undisturbed day has made of the stages that are not run."""
        known = self.known
        return Progress(known.run, dict(known.stage_runs))

    def _storage(self) -> Any:
        return open_storage(self.deployment.artifacts_uri, self.deployment)

    def artifacts(self) -> dict[str, str]:
        """Return the fingerprint of each artifact by key."""
        return {stored.key: stored.etag for stored in self._storage().list(f"{NAME}/")}

    def _mails(self) -> list[Message]:
        paths = sorted(self.stack.mail_folder.glob("*.eml"))
        return [email.message_from_bytes(path.read_bytes()) for path in paths]


@contextmanager
def proxied_site(stack: Stack, folder: Path) -> Iterator[Site]:
    """Prepare the day on a running stack: captures, baseline, proxies.

    Args:
        stack: The servers, without Airflow.
        folder: An empty folder.
    """
    ports = stack.settings.ports
    with (
        fault_proxy(ports["s3"]) as s3,
        fault_proxy(ports["postgres"]) as postgres,
        fault_proxy(ports["smtp"]) as smtp,
    ):
        proxies = {"s3": s3, "postgres": postgres, "smtp": smtp}
        environment = _through(proxies, stack.environment)
        models = stack.root / "include" / "models"
        environment |= {
            "DAYWATCH_MODELS": str(models),
            "DAYWATCH_SUITES": str(models.with_name("suites")),
            "DAYWATCH_SCRATCH": str(folder / "scratch"),
        }
        deployment = deployment_from(environment, connections_from_environment(environment))
        upgrade(deployment.warehouse_url)
        played = folder / "played"
        endpoint = Endpoint(played)
        for day in BASELINE_DAYS:
            endpoint.play(day_of(day))
        endpoint.play(day_of(DAY, wrong=0.32))
        data = open_storage(deployment.data_uri, deployment)
        for path in sorted(played.rglob("*.jsonl")):
            data.write(str(path.relative_to(played)), path.read_bytes())
        build_baseline(NAME, deployment)
        _copy_database(stack, WAREHOUSE, _BEFORE)
        yield Site(stack, environment, deployment, proxies)


def _through(proxies: dict[str, FaultProxy], environment: dict[str, str]) -> dict[str, str]:
    """Return the variables with the proxies' ports, and short waits."""
    s3, warehouse, smtp = (
        json.loads(environment[f"AIRFLOW_CONN_DAYWATCH_{name}"]) for name in ("S3", "WAREHOUSE", "SMTP")
    )
    s3["extra"]["endpoint_url"] = f"http://127.0.0.1:{proxies['s3'].port}"
    s3["extra"]["config_kwargs"] |= {"read_timeout": _SILENCE, "connect_timeout": _SILENCE}
    warehouse["port"] = proxies["postgres"].port
    smtp["port"] = proxies["smtp"].port
    smtp["extra"]["timeout"] = _SILENCE
    return environment | {
        "AIRFLOW_CONN_DAYWATCH_S3": json.dumps(s3),
        "AIRFLOW_CONN_DAYWATCH_WAREHOUSE": json.dumps(warehouse),
        "AIRFLOW_CONN_DAYWATCH_SMTP": json.dumps(smtp),
    }


def _copy_database(stack: Stack, source: str, target: str) -> None:
    """Replace a database by a copy of another one; sessions of both end."""
    with Postgres(stack.settings)._connect() as connection:
        names = [sql.Identifier(one) for one in (target, source, WAREHOUSE)]
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(names[0]))
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [source]
        )
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(*names))
