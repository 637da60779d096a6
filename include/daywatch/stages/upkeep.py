"""A stage of the DAG ``warehouse_upkeep``: abort the uploads that killed processes left unfinished.

Their parts are in no listing and are paid for. obstore cannot list them, so boto3 does.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from daywatch.config.deployment.connections import S3_CONNECTION
from daywatch.config.deployment.secrets import hidden, shown_cause
from daywatch.errors import DaywatchError, InfrastructureError, SetupError
from daywatch.formatting import plural

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment

log = logging.getLogger("daywatch")

UNFINISHED_FOR = timedelta(days=1)
"""The age from which nobody works on an upload any more: a task takes hours at most."""

_OURS = re.compile(r"[^/]+/(windows|baselines|versions)/.+")
"""The keys of artifacts, below the artifacts URI; the bucket may have uploads of others."""

_REFUSED = ("401", "403", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken")


def abort_unfinished_uploads(deployment: Deployment, now: datetime) -> int:
    """Abort the uploads of artifacts that were begun more than a day ago, and return how many there were.

    Args:
        deployment: The installation; artifacts in a local folder have no parts.
        now: The time of the run.

    Raises:
        SetupError: The server refuses the key this.
        InfrastructureError: The server did not answer.
    """
    if not deployment.artifacts_uri.startswith("s3://"):
        return 0
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, _, prefix = deployment.artifacts_uri.removeprefix("s3://").partition("/")
    secrets = deployment.s3.secrets if deployment.s3 else frozenset()
    try:
        aborted = 0
        client = _client(deployment)
        for upload in list(_unfinished(client, bucket, f"{prefix}/" if prefix else "", now)):
            client.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
            aborted += 1
    except (ClientError, BotoCoreError) as error:
        raise _meaning(error, bucket, secrets) from shown_cause(error, secrets)
    log.info("%s of artifacts aborted in %s", plural(aborted, "unfinished upload"), bucket)
    return aborted


def _meaning(error: Exception, bucket: str, secrets: frozenset[str]) -> DaywatchError:
    """Return the error that says what boto3's error means."""
    answer = getattr(error, "response", {}).get("Error", {})
    sentence = hidden(f"Could not abort unfinished uploads in {bucket!r}: {error}", secrets).rstrip(".")
    if str(answer.get("Code", "")) in _REFUSED:
        rights = "s3:ListBucketMultipartUploads and s3:AbortMultipartUpload"
        return SetupError(f"{sentence}. Give the key of {S3_CONNECTION!r} the rights {rights}.")
    return InfrastructureError(f"{sentence}.")


def _unfinished(client: Any, bucket: str, prefix: str, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield the uploads of artifacts below a prefix that were begun long enough ago."""
    pages = client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, Prefix=prefix)
    for page in pages:
        for upload in page.get("Uploads", []):
            ours = _OURS.fullmatch(upload["Key"].removeprefix(prefix))
            if ours and upload["Initiated"] < now - UNFINISHED_FOR:
                yield upload


def _client(deployment: Deployment) -> Any:
    """Return boto3's client for the S3 connection, with the same key and address as the storage."""
    import boto3
    from botocore.config import Config

    if deployment.s3 is None:
        msg = f"{deployment.artifacts_uri} needs an S3 connection, but the deployment has none."
        raise SetupError(msg)
    connection, extra = deployment.s3, deployment.s3.extra
    style = extra.get("config_kwargs", {}).get("s3", {}).get("addressing_style", "auto")
    settings = Config(connect_timeout=5, read_timeout=60, s3={"addressing_style": style})
    if connection.login and connection.password and not extra.get("role_arn"):
        session = boto3.Session(
            aws_access_key_id=connection.login,
            aws_secret_access_key=connection.password.get_secret_value(),
            aws_session_token=extra.get("aws_session_token"),
        )
    else:
        session = deployment.boto3_session() if deployment.boto3_session else boto3.Session()
    return session.client(
        "s3",
        region_name=extra.get("region_name", "us-east-1"),
        endpoint_url=extra.get("endpoint_url") or None,
        config=settings,
    )
