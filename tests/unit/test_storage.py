"""Objects in a local folder; the S3 side is tested on a real server under tests/integration."""

from __future__ import annotations

import threading
import traceback
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from daywatch.config.deployment.connections import Connection
from daywatch.errors import ArtifactError, InfrastructureError, SetupError
from daywatch.storage import Storage, StoredObject, open_storage, upload_part_size
from hypothesis import given
from hypothesis import strategies as st
from models import local_deployment


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return open_storage(str(tmp_path / "made when missing"), local_deployment(tmp_path))


def test_write_read_list_delete(storage: Storage, tmp_path: Path) -> None:
    address = storage.write("b/2.json", b"two")
    storage.write("a/ö x.json", b"one")
    storage.write("b/1.json", b"")

    assert address == f"{storage.uri}/b/2.json" == storage.address("b/2.json")
    assert [(one.key, one.size) for one in storage.list("b/")] == [("b/1.json", 0), ("b/2.json", 3)]
    assert storage.read("a/ö x.json") == b"one"
    assert storage.exists("b/1.json")
    storage.delete("b/1.json")
    storage.delete("b/1.json")
    assert not storage.exists("b/1.json")
    assert list(storage.list("nowhere/")) == []


def test_a_folder_is_no_prefix_of_another(storage: Storage) -> None:
    storage.write("shop/1", b"")
    storage.write("shop2/1", b"")

    assert [one.key for one in storage.list("shop/")] == ["shop/1"]


def test_files_are_streamed_whole(storage: Storage, tmp_path: Path) -> None:
    source = tmp_path / "large"
    content = bytes(range(256)) * 80_000  # 20 MB: several chunks
    source.write_bytes(content)

    storage.upload(source, "large")
    storage.download("large", tmp_path / "again")

    assert (tmp_path / "again").read_bytes() == content
    chunks = [len(chunk) for chunk in storage.stream("large")]
    assert len(chunks) > 1
    assert sum(chunks) == len(content)


def parquet() -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"x": [1.0, 2.0]}), sink)
    return bytes(sink.getvalue().to_pybytes())


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"PAR1",
        parquet()[:-1],
        parquet()[:-9],
        parquet()[1:],
        b"PAR1\xff\xff\xff\x00PAR1",
        b"<html>502</html>",
    ],
    ids=[
        "empty",
        "only begun",
        "a byte short",
        "without footer",
        "without start",
        "footer too long",
        "a page",
    ],
)
def test_an_artifact_that_is_not_whole_is_a_defect(storage: Storage, tmp_path: Path, damaged: bytes) -> None:
    storage.write("shop/inferences.parquet", damaged)

    with pytest.raises(
        ArtifactError, match=r"shop/inferences\.parquet is not a whole Parquet file.*Restore it"
    ):
        storage.download("shop/inferences.parquet", tmp_path / "x")


def test_a_whole_artifact(storage: Storage, tmp_path: Path) -> None:
    storage.write("shop/inferences.parquet", parquet())

    storage.download("shop/inferences.parquet", tmp_path / "x")

    assert pq.read_table(tmp_path / "x").num_rows == 2


def test_writing_again_replaces(storage: Storage) -> None:
    storage.write("a", b"longer than before")
    storage.write("a", b"new")

    assert storage.read("a") == b"new"


def test_what_is_not_there(storage: Storage, tmp_path: Path) -> None:
    for call in (
        lambda: storage.read("no"),
        lambda: storage.download("no", tmp_path / "x"),
        lambda: list(storage.stream("no")),
    ):
        with pytest.raises(FileNotFoundError):
            call()


def test_a_folder_that_cannot_be_written(storage: Storage) -> None:
    storage.write("file", b"")

    with pytest.raises(
        InfrastructureError, match=r"Could not write .*file/below: .* Check that the storage is up"
    ):
        storage.write("file/below", b"")


@pytest.mark.parametrize("uri", ["gs://bucket", "http://host/x", "file:///tmp/x"])
def test_another_kind_of_storage_is_refused(uri: str, tmp_path: Path) -> None:
    with pytest.raises(
        SetupError, match=f"Expected s3://bucket/prefix or a local folder, but received '{uri}'"
    ):
        open_storage(uri, local_deployment(tmp_path))


def test_s3_needs_a_connection(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="s3://bucket/x needs an S3 connection"):
        open_storage("s3://bucket/x", local_deployment(tmp_path))


def test_an_s3_server_that_is_away(tmp_path: Path, unused_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    monkeypatch.setattr(
        "daywatch.s3_client._RETRY", {"max_retries": 1, "retry_timeout": timedelta(seconds=1)}
    )
    s3 = Connection(
        conn_type="aws",
        login="key",
        password="planted",
        extra={"endpoint_url": f"http://127.0.0.1:{unused_port}"},
    )
    storage = open_storage("s3://bucket/prefix", local_deployment(tmp_path, s3=s3))

    with pytest.raises(InfrastructureError) as caught:
        storage.read("a/b")

    message = str(caught.value)
    assert message.startswith("Could not read s3://bucket/prefix/a/b: ")
    assert message.endswith("Check that the storage is up and the key may do this.")
    assert "planted" not in message
    assert "\n" not in message


def test_an_object_that_is_not_as_long_as_its_listing_said(storage: Storage) -> None:
    """As a proxy that cuts answers short makes it."""
    storage.write("a/b.jsonl", b"12345")
    (stored,) = storage.list("a/")

    with pytest.raises(InfrastructureError, match=r"a/b\.jsonl has 5 bytes, but its listing says 7; a retry"):
        list(storage.stream_listed(StoredObject(stored.key, 7, stored.etag)))


@pytest.mark.parametrize(
    ("code", "kind", "says"),
    [
        (
            "RequestTimeTooSkewed",
            InfrastructureError,
            "clock skew, the clocks of this machine and of the server",
        ),
        ("SignatureDoesNotMatch", SetupError, "the server refused it (403 SignatureDoesNotMatch)"),
        ("SlowDown", InfrastructureError, "Check that the storage is up"),
    ],
)
def test_what_a_server_answers_shows_no_secret(
    tmp_path: Path, code: str, kind: type[Exception], says: str
) -> None:
    """A server that repeats the request in its answer, as S3 does where a signature does not match."""
    requests: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            body = f"<Error><Code>{code}</Code><CanonicalRequest>{self.headers}</CanonicalRequest></Error>".encode()
            self.send_response(403 if code != "SlowDown" else 400)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_HEAD = do_PUT = do_GET  # noqa: N815 - names of the standard library

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    s3 = Connection.model_validate(
        {
            "conn_type": "aws",
            "login": "key",
            "password": "planted-secret",
            "extra": {
                "endpoint_url": f"http://me:planted-login@127.0.0.1:{server.server_port}",
                "aws_session_token": "planted-token",
            },
        }
    )
    try:
        storage = open_storage("s3://bucket/x", replace(local_deployment(tmp_path), s3=s3))
        with pytest.raises(kind) as caught:
            storage.read("key")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

    assert requests
    assert says in str(caught.value)
    assert "planted" not in "".join(traceback.format_exception(caught.value))


@given(size=st.integers(0, 5 << 40))
def test_no_upload_has_more_parts_than_s3_takes(size: int) -> None:
    part = upload_part_size(size)

    assert 5 << 20 <= part <= 5 << 30
    assert -(-size // part) <= 10_000
