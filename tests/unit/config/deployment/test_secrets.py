"""Secrets are found wherever a connection has them, and hidden in every form."""

from __future__ import annotations

import base64

import pytest
from daywatch.config.deployment.connections import Connection, connections_from_environment
from daywatch.config.deployment.deployment import deployment_from
from daywatch.config.deployment.secrets import hidden, shown_cause, without_login
from daywatch.errors import SetupError

EXTRA = {
    "sslpassword": "planted-ssl",
    "options": "-c app.password=planted-option -c search_path=public",
    "aws_session_token": "planted-token",
    "access_token": "planted-access",
    "config_kwargs": {"proxies": {"https": "http://me:planted-proxy@proxy:8080"}},
    "assume_role_kwargs": {"ExternalId": "no secret", "private_key_file": "planted-file"},
    "list": [{"client_secret": "planted-list"}],
    "region_name": "eu-west-1",
    "timeout": 30,
}


def test_all_are_found_and_nothing_else() -> None:
    connection = Connection.model_validate({"conn_type": "x", "password": "planted/pass", "extra": EXTRA})
    found = connection.secrets

    plain = {secret for secret in found if secret.startswith("planted") and "%" not in secret}
    names = ("ssl", "option", "token", "access", "proxy", "file", "list")
    assert plain == {"planted/pass", *(f"planted-{name}" for name in names)}
    assert "planted%2Fpass" in found
    assert base64.b64encode(b"planted/pass").decode() in found
    assert not found & {"eu-west-1", "no secret", "public"}


def test_they_are_hidden() -> None:
    text = "refused abc and abcdef at https://user:other@host:1/p?q=a@b"
    assert hidden(text, {"abc", "abcdef"}) == "refused *** and *** at https://host:1/p?q=a@b"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://user:secret@host/a", "https://host/a"),
        ("https://user:se@cret@host", "https://host"),
        ("https://token@host", "https://host"),
        ("https://host/a@b", "https://host/a@b"),
        ("s3://bucket/a", "s3://bucket/a"),
        ("", ""),
    ],
)
def test_addresses(address: str, shown: str) -> None:
    assert without_login(address) == shown


def test_a_cause_that_shows_a_secret_is_left_out() -> None:
    error, harmless = ValueError("with planted in it"), ValueError("plain")
    assert shown_cause(error, {"planted"}) is None
    assert shown_cause(ValueError("http://u:p@host"), ()) is None
    assert shown_cause(harmless, {"planted"}) is harmless


def test_logins_in_addresses_of_the_deployment() -> None:
    environment = {
        "DAYWATCH_AIRFLOW_URL": "https://me:planted@airflow.example.com/",
        "AIRFLOW_CONN_DAYWATCH_S3": '{"conn_type": "aws", "extra": {"endpoint_url": "http://me:planted@s3:1"}}',
    }
    deployment = deployment_from(environment, connections_from_environment(environment))

    assert deployment.airflow_url == "https://airflow.example.com"
    assert deployment.s3 is not None
    assert deployment.s3.extra["endpoint_url"] == "http://s3:1"
    assert "planted" not in repr(deployment)


@pytest.mark.parametrize("name", ["DAYWATCH_DATA_URI", "DAYWATCH_ARTIFACTS_URI"])
def test_a_login_in_an_address_of_data_is_refused(name: str) -> None:
    environment = {name: "s3://key:planted@bucket/prefix"}
    with pytest.raises(SetupError) as caught:
        deployment_from(environment, connections_from_environment(environment))

    assert str(caught.value).startswith(
        f"{name} is 's3://bucket/prefix', expected s3://bucket/prefix or a folder"
    )


def test_a_connection_that_cannot_be_used_is_not_shown() -> None:
    environment = {"AIRFLOW_CONN_DAYWATCH_SMTP": '{"conn_type": "smtp", "port": "planted", "extra": "[1]"}'}
    with pytest.raises(SetupError) as caught:
        deployment_from(environment, connections_from_environment(environment))
    assert "planted" not in str(caught.value)
