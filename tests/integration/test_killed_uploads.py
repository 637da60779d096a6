"""An upload to the real S3 server that is killed on its way leaves no object."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from daywatch.config.deployment.connections import connections_from_environment
from daywatch.config.deployment.deployment import deployment_from
from daywatch.stages.upkeep import abort_unfinished_uploads
from daywatch.storage import open_storage
from daywatch_demo.stack.s3 import s3_client
from daywatch_demo.stack.stack import Stack, temporary_stack
from killed import killed_while, large

KEY = "shop/windows/2024-03-03/inferences.parquet"

UPLOAD = """
import json, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from daywatch.config.deployment.connections import connections_from_environment
from daywatch.config.deployment.deployment import deployment_from
from daywatch.stages.upkeep import abort_unfinished_uploads
from daywatch.storage import open_storage
environment = json.loads(Path(sys.argv[1]).read_text())
deployment = deployment_from(environment, connections_from_environment(environment))
open_storage(deployment.artifacts_uri, deployment).upload(Path(sys.argv[2]), sys.argv[3])
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    clone = tmp_path_factory.mktemp("clone")
    with temporary_stack(clone, clone / ".daywatch") as stack:
        stack.up(airflow=False)
        yield stack


def test_an_upload_in_parts(stack: Stack, tmp_path: Path) -> None:
    environment = stack.environment
    deployment = deployment_from(environment, connections_from_environment(environment))
    storage = open_storage(deployment.artifacts_uri, deployment)
    bucket = deployment.artifacts_uri.removeprefix("s3://")
    credentials = stack.settings.credentials
    client: Any = s3_client(stack.settings, credentials.s3_admin_key, credentials.s3_admin_secret)
    told = tmp_path / "environment.json"
    told.write_text(json.dumps(environment))

    def unfinished() -> list[str]:
        return [one["Key"] for one in client.list_multipart_uploads(Bucket=bucket).get("Uploads", [])]

    code = killed_while(lambda: KEY in unfinished(), UPLOAD, str(told), str(large(tmp_path / "source")), KEY)

    assert code != 0
    assert unfinished() == [KEY]
    assert (storage.exists(KEY), storage.find(KEY), list(storage.list("shop/"))) == (False, None, [])
    storage.write(KEY, b"the retry")
    assert storage.read(KEY) == b"the retry"


def test_upkeep_aborts_what_was_begun_a_day_ago(stack: Stack) -> None:
    environment = stack.environment
    deployment = deployment_from(environment, connections_from_environment(environment))
    bucket = deployment.artifacts_uri.removeprefix("s3://")
    credentials = stack.settings.credentials
    client: Any = s3_client(stack.settings, credentials.s3_admin_key, credentials.s3_admin_secret)
    ours, others = "upkeep/windows/2024-03-03/r/inferences.parquet", "upkeep/backup.tar"
    for key in (ours, others):
        client.create_multipart_upload(Bucket=bucket, Key=key)

    def unfinished() -> list[str]:
        found = client.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
        return sorted(one["Key"] for one in found if one["Key"].startswith("upkeep/"))

    abort_unfinished_uploads(deployment, datetime.now(UTC))
    assert unfinished() == [others, ours]
    assert abort_unfinished_uploads(deployment, datetime.now(UTC) + timedelta(days=1, minutes=1)) >= 1
    assert unfinished() == [others]
