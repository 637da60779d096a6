"""The S3 connection as obstore's store, and as boto3's client for what obstore cannot do, with what its errors mean."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from daywatch.config.deployment.connections import Connection
from daywatch.config.deployment.secrets import hidden, shown_cause
from daywatch.errors import InfrastructureError, SetupError

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment

_SECONDS_TO_CONNECT = 5
_SECONDS_TO_READ = 120
_RETRY = {"max_retries": 3, "retry_timeout": timedelta(seconds=30)}
_LONGEST_REQUEST = "1h"
"""Of one request with its body, however steadily it comes; silence ends it much earlier."""

_REFUSED = (
    "401",
    "403",
    "AccessDenied",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "ExpiredToken",
    "NoSuchBucket",
)
"""Codes of answers that stay the same until a person does something."""


def addressing_style(connection: Connection) -> str:
    """Return ``path``, ``virtual`` or ``auto``."""
    return str(_config(connection).get("s3", {}).get("addressing_style", "auto"))


def wait_to_connect(connection: Connection) -> float:
    """Return for how many seconds a connection to the server may take."""
    return float(_config(connection).get("connect_timeout", _SECONDS_TO_CONNECT))


def wait_to_read(connection: Connection) -> float:
    """Return for how many seconds the server may say nothing in the middle of a request."""
    return float(_config(connection).get("read_timeout", _SECONDS_TO_READ))


def signing_key(connection: Connection) -> tuple[str, str] | None:
    """Return the key and the secret that sign requests, None where the connection itself has none."""
    if not (connection.login and connection.password) or connection.extra.get("role_arn"):
        return None
    return connection.login, connection.password.get_secret_value()


def _config(connection: Connection) -> dict[str, Any]:
    """Return the part of the connection that Airflow's hook gives to botocore."""
    found: dict[str, Any] = connection.extra.get("config_kwargs", {})
    return found


def s3_store(uri: str, deployment: Deployment) -> Any:
    """Return obstore's store for a bucket, with the key of the S3 connection or the session of Airflow's hook.

    Args:
        uri: ``s3://bucket[/prefix]``.
        deployment: The deployment, which has the S3 connection.

    Raises:
        SetupError: It has none.
    """
    from obstore.store import S3Store

    if deployment.s3 is None:
        msg = f"{uri} needs an S3 connection, but the deployment has none."
        raise SetupError(msg)
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    connection, extra = deployment.s3, deployment.s3.extra
    endpoint: str = extra.get("endpoint_url") or ""
    addressing = addressing_style(connection)
    options: dict[str, Any] = {
        "prefix": prefix or None,
        "region": extra.get("region_name", "us-east-1"),
        "virtual_hosted_style_request": addressing == "virtual" or (not endpoint and addressing != "path"),
        "client_options": {
            "connect_timeout": timedelta(seconds=wait_to_connect(connection)),
            "read_timeout": timedelta(seconds=wait_to_read(connection)),
            "timeout": _LONGEST_REQUEST,
            "allow_http": endpoint.startswith("http://"),
        },
        "retry_config": _RETRY,
    }
    if endpoint:
        options["endpoint"] = endpoint
    if key := signing_key(connection):
        options["access_key_id"], options["secret_access_key"] = key
        if token := extra.get("aws_session_token"):
            options["session_token"] = token
    else:
        options["credential_provider"] = _credential_provider(deployment)
    return S3Store(bucket, **options)


def _credential_provider(deployment: Deployment) -> Any:
    """Return boto3's credential chain: that of Airflow's S3 hook if there is one, else the machine's."""
    from obstore.auth.boto3 import Boto3CredentialProvider

    session = deployment.boto3_session
    return Boto3CredentialProvider(session(deployment.s3_id) if session else None)


def s3_client(deployment: Deployment) -> Any:
    """Return boto3's client for the S3 connection, with the same key, address and waits as the storage.

    botocore logs requests with the key's id at DEBUG, so its loggers begin at INFO.

    Args:
        deployment: The deployment, which has the S3 connection.

    Raises:
        SetupError: It has none.
    """
    import boto3
    from botocore.config import Config

    logging.getLogger("botocore").setLevel(logging.INFO)
    connection = deployment.s3
    if connection is None:
        msg = f"{deployment.artifacts_uri} needs an S3 connection, but the deployment has none."
        raise SetupError(msg)
    extra = connection.extra
    settings = Config(
        connect_timeout=wait_to_connect(connection),
        read_timeout=wait_to_read(connection),
        s3={"addressing_style": addressing_style(connection)},
    )
    if key := signing_key(connection):
        session = boto3.Session(*key, aws_session_token=extra.get("aws_session_token"))
    else:
        own = deployment.boto3_session
        session = own(deployment.s3_id) if own else boto3.Session()
    return session.client(
        "s3",
        region_name=extra.get("region_name", "us-east-1"),
        endpoint_url=extra.get("endpoint_url") or None,
        config=settings,
    )


@contextmanager
def s3_errors(action: str, bucket: str, deployment: Deployment, rights: str = "") -> Iterator[None]:
    """Raise what boto3 reports as an error of Daywatch with one sentence.

    Args:
        action: What was tried, as the sentence names it, such as ``list s3://bucket/prefix``.
        bucket: Name of the bucket.
        deployment: The deployment, whose secrets no sentence may show.
        rights: The rights that the action needs, where they are others than to list, read and write.

    Raises:
        SetupError: The server refuses the key this, or there is no such bucket.
        InfrastructureError: The server did not answer as it should.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    secrets = deployment.s3.secrets if deployment.s3 else frozenset()
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        answer = error.response if isinstance(error, ClientError) else {}
        code = str(answer.get("Error", {}).get("Code", ""))
        reason = " ".join(hidden(str(error), secrets).split())[:300].rstrip(".")
        sentence = f"Could not {action}: {reason}."
        cause = shown_cause(error, secrets)
        if code in _REFUSED:
            needed = (
                rights or f"the rights to list, read and write in the bucket {bucket!r}, if that is its name"
            )
            msg = f"{sentence} Give the key of {deployment.s3_id!r} {needed}."
            raise SetupError(msg) from cause
        raise InfrastructureError(sentence) from cause
