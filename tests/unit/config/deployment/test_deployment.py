"""Where an installation keeps things, from connections and the environment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from daywatch.config.deployment.connections import Connection, connections_from_environment
from daywatch.config.deployment.deployment import Deployment, deployment_from
from daywatch.config.deployment.environment import command_line_deployment
from daywatch.config.deployment.settings import PROJECT
from daywatch.errors import SetupError

SECRET = "planted-secret/?:@%"  # noqa: S105 - searched for below


def connection(**parts: Any) -> str:
    return json.dumps({"conn_type": "postgres", "password": SECRET, **parts})


def deployed(**environment: str) -> Deployment:
    return deployment_from(environment, connections_from_environment(environment))


def test_nothing_set_means_local_folders_and_sqlite() -> None:
    deployment = deployed()

    assert deployment.data_uri == str(PROJECT / ".daywatch" / "local" / "data")
    assert deployment.warehouse_url == f"sqlite:///{PROJECT}/.daywatch/local/warehouse.sqlite"
    assert (deployment.s3, deployment.smtp, deployment.airflow_url) == (None, None, "")
    assert deployment.models == PROJECT / "include" / "models"


def test_artifacts_in_s3_need_a_warehouse_that_all_see() -> None:
    given = {
        "DAYWATCH_ARTIFACTS_URI": "s3://artifacts",
        "AIRFLOW_CONN_DAYWATCH_S3": connection(conn_type="aws"),
    }

    with pytest.raises(
        SetupError, match="no Airflow connection 'daywatch_warehouse', and a SQLite file of this"
    ):
        deployed(**given)
    assert deployed(
        **given, AIRFLOW_CONN_DAYWATCH_WAREHOUSE=connection(conn_type="sqlite")
    ).warehouse_url.startswith("sqlite:///")


def test_everything_set() -> None:
    deployment = deployed(
        DAYWATCH_DATA_URI="s3://data/",
        DAYWATCH_ARTIFACTS_URI="s3://artifacts/prefix/",
        DAYWATCH_AIRFLOW_URL="http://airflow:8080/",
        DAYWATCH_MODELS="/m",
        DAYWATCH_SUITES="/s",
        AIRFLOW_CONN_DAYWATCH_S3=connection(conn_type="aws", login="key"),
        AIRFLOW_CONN_DAYWATCH_SMTP=connection(conn_type="smtp", host="mail"),
        AIRFLOW_CONN_DAYWATCH_WAREHOUSE=connection(host="db", port=5432, login="me", schema="watch"),
    )

    assert (deployment.data_uri, deployment.artifacts_uri) == ("s3://data", "s3://artifacts/prefix")
    assert (deployment.airflow_url, deployment.models, deployment.suites) == (
        "http://airflow:8080",
        Path("/m"),
        Path("/s"),
    )
    url = sa.make_url(deployment.warehouse_url)
    assert (url.drivername, url.host, url.port, url.database) == ("postgresql+psycopg", "db", 5432, "watch")
    assert (url.username, url.password) == ("me", SECRET)
    assert deployment.smtp is not None
    assert deployment.smtp.host == "mail"


def test_extras_of_the_warehouse_reach_the_driver() -> None:
    extra = json.dumps({"sslmode": "require", "application_name": "d"})
    deployment = deployed(AIRFLOW_CONN_DAYWATCH_WAREHOUSE=connection(host="db", extra=extra))

    assert dict(sa.make_url(deployment.warehouse_url).query) == {
        "application_name": "d",
        "sslmode": "require",
    }


@pytest.mark.parametrize(("value", "patched"), [("", True), ("on", True), ("off", False)])
def test_patches_of_libraries_can_be_switched_off(value: str, patched: bool) -> None:
    assert deployed(DAYWATCH_LIBRARY_PATCHES=value).library_patches is patched


def test_another_word_for_off_is_an_error() -> None:
    with pytest.raises(SetupError, match="DAYWATCH_LIBRARY_PATCHES is 'no', expected on or off"):
        deployed(DAYWATCH_LIBRARY_PATCHES="no")


@pytest.mark.parametrize("parts", [{"host": "/x/w.sqlite"}, {"schema": "/x/w.sqlite"}])
def test_sqlite_by_connection(parts: dict[str, str]) -> None:
    deployment = deployed(AIRFLOW_CONN_DAYWATCH_WAREHOUSE=connection(conn_type="sqlite", **parts))

    assert deployment.warehouse_url == "sqlite:////x/w.sqlite"


def test_another_database_is_refused() -> None:
    with pytest.raises(
        SetupError, match="'daywatch_warehouse' has type 'mysql', expected postgres or sqlite"
    ) as error:
        deployed(AIRFLOW_CONN_DAYWATCH_WAREHOUSE=connection(conn_type="mysql"))
    assert SECRET not in str(error.value)


def test_s3_needs_its_connection() -> None:
    with pytest.raises(
        SetupError, match="need the Airflow connection 'daywatch_s3' .*set AIRFLOW_CONN_DAYWATCH_S3"
    ):
        deployed(DAYWATCH_DATA_URI="s3://data")


@pytest.mark.parametrize(
    "text", ["{", "[]", '"x"', "postgres://me:planted-secret@db/x", "{}", '{"port": "x"}']
)
def test_a_connection_that_cannot_be_read_is_not_repeated(text: str) -> None:
    with pytest.raises(
        SetupError, match="AIRFLOW_CONN_DAYWATCH_WAREHOUSE cannot be read: expected the JSON form"
    ) as caught:
        deployed(AIRFLOW_CONN_DAYWATCH_WAREHOUSE=text)

    assert "planted" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("extra", [None, "", "{}", {}, '{"a": 1}', {"a": 1}])
def test_extras_come_as_json_or_as_text_of_json(extra: Any) -> None:
    parsed = Connection.model_validate({"conn_type": "aws", "extra": extra, "description": "ignored"})

    assert parsed.extra == ({"a": 1} if extra in ('{"a": 1}', {"a": 1}) else {})


def test_a_connections_secrets_do_not_show() -> None:
    shown = Connection(conn_type="aws", password=SECRET, extra={"aws_session_token": SECRET})
    deployment = deployed(
        AIRFLOW_CONN_DAYWATCH_WAREHOUSE=connection(host="db", login="me"),
        AIRFLOW_CONN_DAYWATCH_S3=connection(conn_type="aws", extra={"aws_session_token": SECRET}),
    )

    assert SECRET not in f"{shown!r} {shown} {deployment!r}"


def test_the_command_line_reads_what_the_stack_wrote_and_the_process_wins(tmp_path: Path) -> None:
    stack = tmp_path / "env"
    stack.write_text(
        "DAYWATCH_DATA_URI='/stack/data'\nDAYWATCH_ARTIFACTS_URI='/stack/artifacts'\nDAYWATCH_SUITES\n"
        "AIRFLOW_CONN_DAYWATCH_WAREHOUSE='" + connection(conn_type="sqlite", host="/stack/w") + "'\n"
    )

    deployment = command_line_deployment({"DAYWATCH_DATA_URI": "/mine"}, stack)

    assert (deployment.data_uri, deployment.artifacts_uri) == ("/mine", "/stack/artifacts")
    assert deployment.warehouse_url == "sqlite:////stack/w"
    assert command_line_deployment({}, tmp_path / "none").data_uri.endswith(".daywatch/local/data")
