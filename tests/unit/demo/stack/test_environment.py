import json
from dataclasses import replace
from pathlib import Path

import pytest
from daywatch_demo.stack.credentials import Credentials
from daywatch_demo.stack.environment import process_environment, stack_environment, write_environment
from daywatch_demo.stack.settings import Settings
from dotenv import dotenv_values

PORTS = {"s3": 1001, "postgres": 1002, "smtp": 1003, "mailbox": 1004, "airflow": 1005}
CREDENTIALS = Credentials(**{"s3_secret": 'a"b\\n$HOME'})
SETTINGS = Settings(Path("/clone"), Path("/clone/.daywatch"), PORTS, CREDENTIALS)


def test_the_connections_lead_to_the_servers() -> None:
    variables = stack_environment(SETTINGS)
    s3 = json.loads(variables["AIRFLOW_CONN_DAYWATCH_S3"])
    warehouse = json.loads(variables["AIRFLOW_CONN_DAYWATCH_WAREHOUSE"])
    smtp = json.loads(variables["AIRFLOW_CONN_DAYWATCH_SMTP"])

    assert s3["extra"]["endpoint_url"] == "http://127.0.0.1:1001"
    assert s3["login"] == SETTINGS.credentials.s3_key
    assert (warehouse["host"], warehouse["port"], warehouse["schema"]) == ("127.0.0.1", 1002, "daywatch")
    assert (smtp["host"], smtp["port"]) == ("127.0.0.1", 1003)
    assert variables["DAYWATCH_AIRFLOW_URL"] == "http://127.0.0.1:1005"
    assert variables["AIRFLOW__CORE__DAGS_FOLDER"] == "/clone/dags"


def test_the_admin_key_of_s3_is_not_given_away() -> None:
    values = " ".join(stack_environment(SETTINGS).values())

    assert SETTINGS.credentials.s3_admin_key not in values
    assert SETTINGS.credentials.s3_admin_secret not in values
    assert SETTINGS.credentials.postgres_password not in values


@pytest.mark.parametrize("root", ["/clone", "/it's a \\ folder/$HOME", "/ünï # x"])
def test_a_dotenv_reader_gets_back_what_was_written(tmp_path: Path, root: str) -> None:
    variables = stack_environment(replace(SETTINGS, root=Path(root)))

    write_environment(tmp_path / "env", variables)

    assert dotenv_values(tmp_path / "env") == variables
    assert (tmp_path / "env").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "name",
    ["PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "AIRFLOW__CORE__EXECUTOR", "AIRFLOW_HOME", "AWS_PROFILE"],
)
def test_a_users_own_settings_do_not_reach_the_servers(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "theirs")

    assert "theirs" not in process_environment({"OWN": "1"}).values()


def test_servers_get_our_path_and_their_own_variables() -> None:
    environment = process_environment({"OWN": "1"})

    assert environment["OWN"] == "1"
    assert "PATH" in environment


def test_no_proxy_stands_between_the_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "example.org")

    assert process_environment({})["NO_PROXY"] == "example.org,127.0.0.1"
