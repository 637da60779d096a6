"""A stage of the DAG ``warehouse_upkeep``: abort the uploads that killed processes left unfinished.

Their parts are in no listing and are paid for. obstore cannot list them, so boto3 does.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from daywatch.formatting import plural
from daywatch.s3_client import s3_client, s3_errors

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment

log = logging.getLogger("daywatch")

UNFINISHED_FOR = timedelta(days=1)
"""The age from which nobody works on an upload any more: a task takes hours at most."""

_OURS = re.compile(r"[^/]+/(windows|baselines|versions)/.+")
"""The keys of artifacts, below the artifacts URI; the bucket may have uploads of others."""

_RIGHTS = "the rights s3:ListBucketMultipartUploads and s3:AbortMultipartUpload"


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
    bucket, _, prefix = deployment.artifacts_uri.removeprefix("s3://").partition("/")
    aborted = 0
    with s3_errors(f"abort unfinished uploads in {bucket!r}", bucket, deployment, _RIGHTS):
        client = s3_client(deployment)
        for upload in list(_unfinished(client, bucket, f"{prefix}/" if prefix else "", now)):
            client.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
            aborted += 1
    log.info("%s of artifacts aborted in %s", plural(aborted, "unfinished upload"), bucket)
    return aborted


def _unfinished(client: Any, bucket: str, prefix: str, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield the uploads of artifacts below a prefix that were begun long enough ago."""
    pages = client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, Prefix=prefix)
    for page in pages:
        for upload in page.get("Uploads", []):
            ours = _OURS.fullmatch(upload["Key"].removeprefix(prefix))
            if ours and upload["Initiated"] < now - UNFINISHED_FOR:
                yield upload
