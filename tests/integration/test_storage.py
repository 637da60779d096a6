"""What a real S3 server refuses is an error of set-up, which Airflow does not retry; a damaged artifact is a defect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from signal import SIGINT

import pytest
from daywatch.config.deployment.connections import Connection
from daywatch.errors import ArtifactError, DaywatchError, InfrastructureError, SetupError
from daywatch.storage import Storage, open_storage
from daywatch_demo.stack.ports import choose_ports
from daywatch_demo.stack.s3 import ObjectStore, s3_client
from daywatch_demo.stack.settings import DATA_BUCKET, load_settings
from fault_proxy import FaultProxy, fault_proxy
from faults import Fault, Kind
from http_answers import HTML, s3_error
from models import local_deployment

FOREIGN = "not-for-the-pipeline"
LARGE = 12_000_000

Call = Callable[[Storage, Path], object]

CALLS: dict[str, tuple[str, Call]] = {
    "list": ("list {uri}/a/", lambda storage, _: list(storage.list("a/"))),
    "read": ("read {uri}/a/b", lambda storage, _: storage.read("a/b")),
    "stream": ("read {uri}/a/b", lambda storage, _: list(storage.stream("a/b"))),
    "find": ("look for {uri}/a/b", lambda storage, _: storage.find("a/b")),
    "exists": ("look for {uri}/a/b", lambda storage, _: storage.exists("a/b")),
    "write": ("write {uri}/a/c", lambda storage, _: storage.write("a/c", b"1")),
    "upload": ("write {uri}/a/d", lambda storage, file: storage.upload(file, "a/d")),
    "delete": ("delete {uri}/a/c", lambda storage, _: storage.delete("a/c")),
}
"""What the sentence says was tried, and the call."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    state = tmp_path_factory.mktemp("s3") / "state"
    ports = choose_ports(list(ObjectStore.port_names), {}, [])
    server = ObjectStore(load_settings(tmp_path_factory.mktemp("clone"), state, ports))
    try:
        server.up()
        credentials = server.settings.credentials
        admin = s3_client(server.settings, credentials.s3_admin_key, credentials.s3_admin_secret)
        admin.create_bucket(Bucket=FOREIGN)
        yield server
    finally:
        server.process.stop(SIGINT, 10)


def storage_of(
    server: ObjectStore, folder: Path, bucket: str, key: str, secret: str, proxy: FaultProxy | None = None
) -> Storage:
    extra = {
        "endpoint_url": f"http://127.0.0.1:{proxy.port}" if proxy else server.settings.s3_url,
        "region_name": "us-east-1",
        "config_kwargs": {"s3": {"addressing_style": "path"}, "read_timeout": 1},
    }
    s3 = Connection(conn_type="aws", login=key, password=secret, extra=extra)
    return open_storage(f"s3://{bucket}/prefix", local_deployment(folder, s3=s3))


def sentence_of(storage: Storage, call: Call, folder: Path) -> str:
    file = folder / "large"
    file.write_bytes(b"x" * LARGE)
    with pytest.raises(SetupError) as caught:
        call(storage, file)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(("tried", "call"), CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("case", ["unknown key", "wrong secret", "no rights"])
def test_a_refused_key(server: ObjectStore, tmp_path: Path, case: str, tried: str, call: Call) -> None:
    credentials = server.settings.credentials
    key, secret, bucket, code = {
        "unknown key": ("nobody", credentials.s3_secret, DATA_BUCKET, "403 InvalidAccessKeyId"),
        "wrong secret": (credentials.s3_key, "planted", DATA_BUCKET, "403 SignatureDoesNotMatch"),
        "no rights": (credentials.s3_key, credentials.s3_secret, FOREIGN, "AccessDenied"),
    }[case]
    storage = storage_of(server, tmp_path, bucket, key, secret)

    sentence = sentence_of(storage, call, tmp_path)

    assert sentence.startswith(f"Could not {tried.format(uri=storage.uri)}: the server refused it (")
    assert (code in sentence) or "look for" in tried  # an answer to HEAD has no room for the code
    assert "Airflow connection 'daywatch_s3'" in sentence
    assert f"bucket {bucket!r}" in sentence
    assert secret not in sentence


@pytest.mark.parametrize("name", ["list", "read", "stream", "write", "upload"])
def test_a_bucket_that_does_not_exist(server: ObjectStore, tmp_path: Path, name: str) -> None:
    credentials = server.settings.credentials
    storage = storage_of(
        server, tmp_path, "daywatch-dat", credentials.s3_admin_key, credentials.s3_admin_secret
    )
    tried, call = CALLS[name]

    sentence = sentence_of(storage, call, tmp_path)

    tried = tried.format(uri=storage.uri)
    assert sentence.startswith(f"Could not {tried}: there is no bucket 'daywatch-dat'. Create it")
    assert "Airflow connection 'daywatch_s3'" in sentence


def test_an_artifact_that_is_not_whole(server: ObjectStore, tmp_path: Path) -> None:
    credentials = server.settings.credentials
    storage = storage_of(server, tmp_path, DATA_BUCKET, credentials.s3_key, credentials.s3_secret)
    storage.write("shop/inferences.parquet", b"PAR1 and no more")

    with pytest.raises(ArtifactError, match=r"/prefix/shop/inferences\.parquet is not a whole Parquet file"):
        storage.download("shop/inferences.parquet", tmp_path / "local")


def test_an_object_that_does_not_exist_is_no_error_of_setup(server: ObjectStore, tmp_path: Path) -> None:
    credentials = server.settings.credentials
    storage = storage_of(server, tmp_path, DATA_BUCKET, credentials.s3_key, credentials.s3_secret)

    with pytest.raises(FileNotFoundError):
        storage.read("a/b")
    assert storage.find("a/b") is None
    storage.delete("a/b")


def test_an_odd_key_ends_no_listing(server: ObjectStore, tmp_path: Path) -> None:
    """obstore refuses to list a folder that has one."""
    credentials = server.settings.credentials
    admin = s3_client(server.settings, credentials.s3_admin_key, credentials.s3_admin_secret)
    odd = ["odd/li\nne.jsonl", "odd/ta\tb.jsonl", "odd/c\x7f.jsonl"]
    for key in ("odd/a.jsonl", "odd/b/c.jsonl", *odd):
        admin.put_object(Bucket=DATA_BUCKET, Key=f"prefix/{key}", Body=b"{}")
    storage = storage_of(server, tmp_path, DATA_BUCKET, credentials.s3_key, credentials.s3_secret)

    found = list(storage.list("odd/"))

    assert {one.key for one in found if not one.is_readable} == set(odd)
    readable = [one for one in found if one.is_readable]
    assert [one.key for one in readable] == ["odd/a.jsonl", "odd/b/c.jsonl"]
    assert [b"".join(storage.stream_listed(one)) for one in readable] == [b"{}", b"{}"]


@pytest.mark.parametrize(
    ("fault", "means"),
    [
        (Fault(Kind.ANSWER, b"GET ", s3_error("503 Slow Down", "SlowDown"), times=None), InfrastructureError),
        (Fault(Kind.ANSWER, b"GET ", s3_error("403 Forbidden", "AccessDenied"), times=None), SetupError),
        (Fault(Kind.ANSWER, b"GET ", HTML, times=None), InfrastructureError),
        (Fault(Kind.RESET, b"GET ", times=None), InfrastructureError),
    ],
    ids=["503", "403", "HTML", "reset"],
)
def test_a_fault_while_a_folder_with_an_odd_key_is_listed(
    server: ObjectStore, tmp_path: Path, fault: Fault, means: type[DaywatchError]
) -> None:
    """Such a folder is listed by another client, which has errors of its own."""
    credentials = server.settings.credentials
    admin = s3_client(server.settings, credentials.s3_admin_key, credentials.s3_admin_secret)
    admin.put_object(Bucket=DATA_BUCKET, Key="prefix/broken/ta\tb", Body=b"{}")
    with fault_proxy(server.settings.ports["s3"]) as proxy:
        storage = storage_of(server, tmp_path, DATA_BUCKET, credentials.s3_key, credentials.s3_secret, proxy)
        fault.skip = 1  # obstore's own listing, which ends at the key
        proxy.plan(fault)
        with pytest.raises(means, match=r"Could not list s3://daywatch-data/prefix/broken/: .*\.$") as caught:
            list(storage.list("broken/"))
        proxy.plan()
        assert len(list(storage.list("broken/"))) == 1
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("tried", "call"), CALLS.values(), ids=CALLS)
def test_a_page_in_the_place_of_an_answer(
    server: ObjectStore, tmp_path: Path, tried: str, call: Call
) -> None:
    """A proxy's own page comes with 200; obstore takes it for an object or for an empty listing."""
    if tried.startswith("delete"):
        return  # has no content that anybody could believe
    credentials = server.settings.credentials
    admin = s3_client(server.settings, credentials.s3_admin_key, credentials.s3_admin_secret)
    admin.put_object(Bucket=DATA_BUCKET, Key="prefix/a/b", Body=b"{}")
    (tmp_path / "large").write_bytes(b"x" * LARGE)
    with fault_proxy(server.settings.ports["s3"]) as proxy:
        storage = storage_of(server, tmp_path, DATA_BUCKET, credentials.s3_key, credentials.s3_secret, proxy)
        proxy.plan(Fault(Kind.ANSWER, rb"^[A-Z]+ [^ ]*prefix", HTML, times=None))
        with pytest.raises(InfrastructureError, match=r"^Could not [^\n]*\.$") as caught:
            call(storage, tmp_path / "large")
    if not tried.startswith("write"):
        assert "a proxy before the storage answers with a page of its own" in str(caught.value)


def test_a_server_that_is_silent_in_the_middle_of_an_upload(server: ObjectStore, tmp_path: Path) -> None:
    """The server has put the parts together, but its answer never comes: the second try must not fail."""
    credentials = server.settings.credentials
    file = tmp_path / "large"
    file.write_bytes(b"x" * LARGE)
    with fault_proxy(server.settings.ports["s3"]) as proxy:
        storage = storage_of(server, tmp_path, DATA_BUCKET, credentials.s3_key, credentials.s3_secret, proxy)
        for kind in (Kind.STALL, Kind.SILENT):
            proxy.plan(Fault(kind, rb"^PUT .*partNumber=2"))
            storage.upload(file, "silent")
            assert proxy.struck == 1
            assert [one.size for one in storage.list("") if one.key == "silent"] == [LARGE]
            storage.delete("silent")
