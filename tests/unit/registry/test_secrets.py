"""What is refused, and what is not."""

from __future__ import annotations

import pytest
from daywatch.registry.secrets import check_environment, check_value

REFUSED_NAMES = [
    "DB_PASSWORD",
    "password",
    "ClientSecret",
    "API_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "apikey",
    "DB_PASSWD",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "PGPASSPHRASE",
    "DB_PWD",
]
REFUSED_VALUES = [
    ("AKIAIOSFODNN7EXAMPLE", "an AWS access key"),
    ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "a key"),
    ("ghp_0123456789abcdefghijABCDEFGHIJ012345", "a token"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "a signed token"),
    ("postgresql://me:planted@db.example.com/w", "an address with a password"),
    ("https://b.s3.amazonaws.com/m?X-Amz-Signature=abc", "a signed address"),
    ("-----BEGIN RSA PRIVATE KEY-----", "a private key"),
    ("Bearer abcdefghijkl", "a login"),
]
ACCEPTED = {
    "WORKERS": "4",
    "REGION": "eu-central-1",
    "MODEL_SERVER_TIMEOUT": "60",
    "IMAGE": "registry.example.com:5000/team/model@sha256:" + "0123456789abcdef" * 4,
    "GIT_COMMIT": "0123456789abcdef0123456789abcdef01234567",
    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/Model2/code/WithVeryLongNames/and0Digits",
    "ENDPOINT": "https://models.example.com:8443/v1",
    "RUN": "5f2b0c1e-6a4d-4c7b-9f0e-1d2c3b4a5968",
    "EMPTY": "",
}


@pytest.mark.parametrize("name", REFUSED_NAMES)
def test_names_that_hold_secrets(name: str) -> None:
    with pytest.raises(ValueError, match=f"The environment variable {name} is refused") as error:
        check_environment({"WORKERS": "4", name: "planted"})
    assert "planted" not in str(error.value)


@pytest.mark.parametrize(("value", "kind"), REFUSED_VALUES)
def test_values_that_look_like_keys(value: str, kind: str) -> None:
    with pytest.raises(ValueError, match=f"its value looks like {kind},") as error:
        check_environment({"PLAIN": value})
    assert value not in str(error.value)


@pytest.mark.parametrize("name", ACCEPTED)
def test_ordinary_variables(name: str) -> None:
    check_environment({name: ACCEPTED[name]})


def test_an_address_of_an_artifact() -> None:
    check_value("It", "s3://models/Flights2/7/model.tar.gz")
