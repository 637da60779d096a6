"""Two real days through Airflow's own scheduler and LocalExecutor: the blizzard turns the model RED."""

import io
import json
from collections.abc import Iterator
from datetime import date
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from daywatch.config.environment import command_line_deployment
from daywatch.warehouse.tables import metadata
from daywatch_demo.demo import MODEL, Demo
from daywatch_demo.stack.stack import Stack, temporary_stack
from rich.console import Console

ROOT = Path(__file__).parents[2]
FIRST, BLIZZARD = date(2013, 2, 8), date(2013, 2, 9)
CONTACTS = {"flight-operations@example.com", "ml-on-call@example.com"}

Rows = dict[str, list[str]]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack on which the demonstration has run for two days."""
    with temporary_stack(ROOT, tmp_path_factory.mktemp("stack")) as started:
        yield started


@pytest.fixture(scope="module")
def printed(stack: Stack) -> str:
    """What the demonstration printed."""
    console = Console(file=io.StringIO(), width=200)
    Demo(stack, console, FIRST, BLIZZARD).run()
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.fixture(scope="module")
def mails(stack: Stack, printed: str) -> list[EmailMessage]:
    """The mails that the demonstration sent, oldest first."""
    return _mails(stack)


def _mails(stack: Stack) -> list[EmailMessage]:
    parser = BytesParser(policy=policy.default)
    found = [parser.parsebytes(path.read_bytes()) for path in sorted(stack.mail_folder.glob("*.eml"))]
    return [mail for mail in found if isinstance(mail, EmailMessage)]


def _warehouse(stack: Stack) -> Rows:
    """Return every row of every table as text."""
    engine = sa.create_engine(command_line_deployment(stack.environment).warehouse_url)
    with engine.connect() as connection:
        return {
            table.name: sorted(
                json.dumps(dict(row._mapping), sort_keys=True, default=str)
                for row in connection.execute(sa.select(table))
            )
            for table in metadata.sorted_tables
        }


def _of(rows: Rows, table: str, window: date) -> list[dict[str, Any]]:
    found = [json.loads(row) for row in rows[table]]
    return [row for row in found if row["window_start"].startswith(window.isoformat())]


def test_the_table_shows_the_blizzard_red(printed: str) -> None:
    lines = {
        line.split()[0]: line.split() for line in printed.splitlines() if line.strip().startswith("2013")
    }
    assert lines["2013-02-08"][:3] == ["2013-02-08", "939", "939"]
    assert "GREEN" in lines["2013-02-08"]
    assert lines["2013-02-09"][:3] == ["2013-02-09", "742", "742"]
    assert "RED" in lines["2013-02-09"]
    assert "0.635" in lines["2013-02-09"]


def test_nobody_triggered_the_one_retraining_run_and_it_succeeded(stack: Stack, printed: str) -> None:
    assert "retrain__flights__2013-02-09: success" in printed
    with stack.api() as api:
        runs = api.runs(f"retrain__{MODEL}")
    assert [run["dag_run_id"] for run in runs] == ["retrain__flights__2013-02-09"]
    assert runs[0]["conf"]["window"] == "2013-02-09"
    rows = _warehouse(stack)
    (version,) = (json.loads(row) for row in rows["model_version"])
    assert version["version"] == "retrained-2013-02-09"
    assert 0.5 < version["metrics"]["roc_auc"] < 1
    (decision,) = _of(rows, "retraining", BLIZZARD)
    assert decision["wanted"]
    assert decision["version"] == "retrained-2013-02-09"


def test_the_red_mail_is_in_the_inbox(mails: list[EmailMessage]) -> None:
    reds = [mail for mail in mails if mail["X-Daywatch-State"] == "RED"]
    (red,) = reds
    assert red["Subject"] == "[RED] flights 2013-02-09: ROC AUC 0.635 (red <= 0.7)"
    assert {address.strip() for address in red["To"].split(",")} == CONTACTS
    html = red.get_body(("html",))
    text = red.get_body(("plain",))
    assert html is not None
    assert text is not None
    assert "dep_delay" in html.get_content()
    assert "retrain__flights__2013-02-09" in text.get_content()
    assert len(red.as_bytes()) < 200_000


def test_no_mail_says_that_something_failed(mails: list[EmailMessage]) -> None:
    assert [mail["Subject"] for mail in mails if "[FAILED]" in mail["Subject"]] == []


def test_the_warehouse_holds_the_same_numbers_as_the_table(stack: Stack, printed: str) -> None:
    rows = _warehouse(stack)
    (verdict,) = _of(rows, "verdict", BLIZZARD)
    assert verdict["state"] == "RED"
    metrics = {
        (row["metric"], row["column_name"]): row["value"] for row in _of(rows, "metric_value", BLIZZARD)
    }
    assert round(metrics["roc_auc", ""], 3) == 0.635
    assert round(metrics["null_share", "dep_delay"], 3) == round(520 / 742, 3)
    (run,) = _of(rows, "window_run", BLIZZARD)
    assert run["records"] == run["exported"] + run["quarantined"] + run["duplicates"] == 742
    stages = {row["stage"] for row in _of(rows, "stage_run", BLIZZARD)}
    assert stages == {"export", "validate", "measure", "judge", "record", "report", "notify"}


def test_the_backfill_again_changes_no_row_and_sends_no_mail(stack: Stack, mails: list[EmailMessage]) -> None:
    before = _warehouse(stack)
    dag = f"monitor__{MODEL}"
    with stack.api() as api:
        known = len(api.runs(dag))
        api.backfill(dag, FIRST, BLIZZARD, max_active_runs=2, reprocess="completed")
        states = [run["state"] for run in api.watch_runs(dag, known + 2, 300)]
        retrainings = api.runs(f"retrain__{MODEL}")
    assert states == ["success"] * (known + 2)
    assert _warehouse(stack) == before
    assert len(_mails(stack)) == len(mails)
    assert len(retrainings) == 1
