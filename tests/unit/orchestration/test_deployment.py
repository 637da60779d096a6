"""The deployment inside Airflow comes from its connections."""

import json

import pytest
from daywatch.errors import SetupError
from daywatch.orchestration.deployment import airflow_deployment

S3 = {
    "conn_type": "aws",
    "login": "key",
    "password": "planted-secret",
    "extra": {"endpoint_url": "http://127.0.0.1:1", "region_name": "eu-west-1"},
}
WAREHOUSE = {
    "conn_type": "postgres",
    "host": "db",
    "port": 5433,
    "login": "me",
    "password": "planted@secret",
    "schema": "dw",
}


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("DAYWATCH_DATA_URI", "s3://data/")
    monkeypatch.setenv("DAYWATCH_ARTIFACTS_URI", "s3://artifacts")
    monkeypatch.setenv("AIRFLOW_CONN_DAYWATCH_S3", json.dumps(S3))
    monkeypatch.setenv("AIRFLOW_CONN_DAYWATCH_WAREHOUSE", json.dumps(WAREHOUSE))
    return monkeypatch


def test_airflows_connections_are_used(connections: pytest.MonkeyPatch) -> None:
    deployment = airflow_deployment()
    assert deployment.data_uri == "s3://data"
    assert deployment.warehouse_url == "postgresql+psycopg://me:planted%40secret@db:5433/dw"
    assert deployment.s3 is not None
    assert deployment.s3.extra["region_name"] == "eu-west-1"
    assert deployment.smtp is None


def test_the_s3_hook_gives_the_session(connections: pytest.MonkeyPatch) -> None:
    deployment = airflow_deployment()
    assert deployment.boto3_session is not None
    assert deployment.boto3_session("daywatch_s3").get_credentials().access_key == "key"


def test_secrets_do_not_show(connections: pytest.MonkeyPatch) -> None:
    assert "planted" not in repr(airflow_deployment())


def test_a_missing_connection_is_a_sentence(connections: pytest.MonkeyPatch) -> None:
    connections.delenv("AIRFLOW_CONN_DAYWATCH_S3")
    with pytest.raises(SetupError, match="need the Airflow connection 'daywatch_s3'"):
        airflow_deployment()
