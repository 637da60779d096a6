"""What a benchmark runs on: servers, a model, its data in S3, its baseline."""

from __future__ import annotations

import json
import shutil
from functools import cached_property
from pathlib import Path

from daywatch.artifacts import BaselineFolder
from daywatch.config.deployment.environment import command_line_deployment
from daywatch.storage import Storage, open_storage
from daywatch_demo.stack.s3 import s3_client
from daywatch_demo.stack.settings import ARTIFACTS_BUCKET, DATA_BUCKET
from daywatch_demo.stack.stack import Stack

from bench.captures import DAYS, bench_configuration, write_day
from bench.columns import CATEGORIES, ENDPOINT, NUMBERS
from bench.measured import measured


class Site:
    """The servers and the data of one size.

    Args:
        stack: The stack to start.
        folder: Folder for local files.
        rows: Number of records of each day, including the baseline's day.
        days: ISO dates of the days to write.
    """

    def __init__(self, stack: Stack, folder: Path, rows: int, days: tuple[str, ...]) -> None:
        self.folder = folder
        self.rows = rows
        self.captures = folder / ENDPOINT
        stack.up(airflow=False)
        self._stack = stack
        models = folder / "models"
        models.mkdir(parents=True)
        (models / "bench.yaml").write_text(json.dumps(bench_configuration()), encoding="utf-8")
        folders = {"DAYWATCH_MODELS": str(models), "DAYWATCH_SUITES": str(folder)}
        self.environment = {**stack.environment, **folders}
        self.capture_bytes = 0
        for day in days:
            self._put(day)

    @property
    def peer_environment(self) -> dict[str, str]:
        """The environment variables with which boto3 finds the same objects."""
        settings = self._stack.settings
        return {
            "AWS_ENDPOINT_URL": settings.s3_url,
            "AWS_ACCESS_KEY_ID": settings.credentials.s3_key,
            "AWS_SECRET_ACCESS_KEY": settings.credentials.s3_secret,
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    @cached_property
    def baseline(self) -> Path:
        """Freeze Daywatch's baseline and return the same rows as the Parquet file that a peer reads."""
        import duckdb

        baseline_id = measured("baseline", self.environment).result["baseline_id"]
        frozen, target = self.folder / "frozen.parquet", self.folder / "baseline.parquet"
        self._storage(ARTIFACTS_BUCKET).download(BaselineFolder("bench", baseline_id).inferences, frozen)
        names = ", ".join([*NUMBERS, *CATEGORIES, "probability"])
        duckdb.sql(
            f"COPY (SELECT {names}, prediction::BIGINT AS prediction, label::BIGINT AS target"
            f" FROM '{frozen}') TO '{target}'"
        )
        frozen.unlink()
        return target

    def _put(self, day: str) -> None:
        """Write a day into S3; the captures of the first window also stay as local files.

        The objects have a content type: without one, SeaweedFS compresses objects that look like text, and
        then spends nearly all the processor time of reading them on decompressing.
        """
        written = write_day(self.folder, day, self.rows)
        credentials = self._stack.settings.credentials
        client = s3_client(self._stack.settings, credentials.s3_key, credentials.s3_secret)
        for file in sorted(self.folder.rglob("*.jsonl")):
            if day.replace("-", "/") in str(file):
                key = str(file.relative_to(self.folder))
                with file.open("rb") as lines:
                    client.put_object(
                        Bucket=DATA_BUCKET, Key=key, Body=lines, ContentType="application/jsonl"
                    )
        if day == DAYS[0]:
            self.capture_bytes = written
        else:
            for found in list(self.folder.rglob(day.replace("-", "/"))):
                shutil.rmtree(found)

    def _storage(self, bucket: str) -> Storage:
        deployment = command_line_deployment(self.environment, Path("none"))
        return open_storage(f"s3://{bucket}", deployment)
