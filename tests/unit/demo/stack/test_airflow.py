"""How Airflow's health answer is read; the servers themselves are started in tests/integration."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from daywatch_demo.stack.airflow import ApiServer, Scheduler
from daywatch_demo.stack.credentials import Credentials
from daywatch_demo.stack.settings import Settings


def _health(status: str | None, heartbeat: float | None) -> dict[str, dict[str, str | None]]:
    moment = None if heartbeat is None else datetime.fromtimestamp(heartbeat, tz=UTC).isoformat()
    part = {"status": status, "latest_scheduler_heartbeat": moment}
    return {"metadatabase": {"status": "healthy"}, "scheduler": part}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path, tmp_path, {"airflow": 1, "postgres": 2, "s3": 3, "smtp": 4}, Credentials())


@pytest.mark.parametrize(
    ("status", "heartbeat", "problem"),
    [
        ("healthy", 1_000_010.0, None),
        ("healthy", 999_999.0, "it has not sent its first heartbeat"),
        ("unhealthy", 1_000_010.0, "Airflow says: unhealthy, last heartbeat 1970"),
        (None, None, "Airflow says: unknown, last heartbeat never"),
    ],
)
def test_only_a_heartbeat_of_this_very_process_counts(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    status: str | None,
    heartbeat: float | None,
    problem: str | None,
) -> None:
    scheduler = Scheduler(settings)
    monkeypatch.setattr(scheduler.process, "started_at", lambda: 1_000_000.0)

    found = scheduler._judge(_health(status, heartbeat))

    assert found == problem or (problem is not None and found is not None and found.startswith(problem))


def test_the_api_server_answers_for_the_database(settings: Settings) -> None:
    health = {"metadatabase": {"status": "unhealthy"}}

    assert ApiServer(settings)._judge(health) == "Airflow says that its database is unhealthy"


def test_no_server_listens_is_a_problem_in_words(settings: Settings) -> None:
    assert "no answer from http://127.0.0.1:1/api" in (Scheduler(settings).problem() or "")


def test_no_secret_is_an_argument(settings: Settings) -> None:
    command = Scheduler(settings).command()

    assert os.path.basename(command.arguments[0]) == "airflow"  # noqa: PTH119
    assert "postgresql" not in " ".join(command.arguments)
