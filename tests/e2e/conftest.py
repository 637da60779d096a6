"""One stack with Airflow for all tests here: the demonstration has run on it for a few days."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from daywatch.config.deployment.environment import command_line_deployment
from daywatch.storage import Storage, open_storage
from daywatch.warehouse.incident_tables import metadata
from daywatch_demo.demo import Demo
from daywatch_demo.flights.transactions import FEEDBACK
from daywatch_demo.monitored import FLIGHTS, SERVICE
from daywatch_demo.stack.stack import Stack, temporary_stack
from rich.console import Console

ROOT = Path(__file__).parents[2]
FIRST, BLIZZARD = date(2013, 2, 8), date(2013, 2, 9)

Rows = dict[str, list[str]]


@dataclass(frozen=True)
class Shown:
    """The stack after the demonstration.

    Attributes:
        stack: With Airflow running.
        storage: The data URI's.
        printed: What the demonstration printed.
        late: Feedback to the service that was held back, by key: nobody has reported yet how the flights of the
            blizzard ended.
    """

    stack: Stack
    storage: Storage
    printed: str
    late: dict[str, bytes]

    def mails(self, model: str) -> list[EmailMessage]:
        """Return the mails about a model, oldest first."""
        parser = BytesParser(policy=policy.default)
        found = [
            parser.parsebytes(path.read_bytes()) for path in sorted(self.stack.mail_folder.glob("*.eml"))
        ]
        return [mail for mail in found if isinstance(mail, EmailMessage) and f"{model} " in mail["Subject"]]

    def warehouse(self, model: str) -> Rows:
        """Return every row about a model of every table as text."""
        engine = sa.create_engine(command_line_deployment(self.stack.environment).warehouse_url)
        with engine.connect() as connection:
            return {
                table.name: sorted(
                    json.dumps(dict(row._mapping), sort_keys=True, default=str)
                    for row in connection.execute(sa.select(table).where(table.c.model == model))
                )
                for table in metadata.sorted_tables
            }


def of(rows: Rows, table: str, window: date) -> list[dict[str, Any]]:
    """Return the rows of a window."""
    found = [json.loads(row) for row in rows[table]]
    return [row for row in found if row["window_start"].startswith(window.isoformat())]


@pytest.fixture(scope="package")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """Two days of the flights and, without its feedback, the blizzard's day of the service."""
    console = Console(file=io.StringIO(), width=200)
    with temporary_stack(ROOT, tmp_path_factory.mktemp("stack")) as stack:
        days = (
            replace(FLIGHTS, first=FIRST, last=BLIZZARD),
            replace(SERVICE, first=BLIZZARD, last=BLIZZARD),
        )
        demo = Demo(stack, console, days)
        stack.up(airflow=False)
        deployment = command_line_deployment(stack.environment)
        storage = open_storage(deployment.data_uri, deployment)
        demo.replay(storage)
        late = {one.key: storage.read(one.key) for one in storage.list(f"{FEEDBACK}/2013/02/")}
        late = {key: content for key, content in late.items() if key > f"{FEEDBACK}/2013/02/09"}
        for key in late:
            storage.delete(key)
        demo.run()
        assert isinstance(console.file, io.StringIO)
        yield Shown(stack, storage, console.file.getvalue(), late)
