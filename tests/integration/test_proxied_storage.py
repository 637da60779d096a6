"""What a proxy or a faulty server says in the place of S3 is never taken for the data of a window."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from signal import SIGINT
from typing import NamedTuple

import models
import pyarrow.parquet as pq
import pytest
from captures import ENDPOINT, at, one
from daywatch.config.deployment.connections import Connection
from daywatch.engine.budget import REQUESTS_AHEAD
from daywatch.errors import InfrastructureError
from daywatch.ingest.export import export_window
from daywatch.storage import Storage, open_storage
from daywatch.window import Window
from daywatch_demo.stack.ports import choose_ports
from daywatch_demo.stack.s3 import ObjectStore
from daywatch_demo.stack.settings import DATA_BUCKET, load_settings
from fault_proxy import FaultProxy, fault_proxy
from faults import Fault, Kind
from http_answers import HTML

OBJECTS = 1_050
"""Capture objects of one hour: more than a page of a listing has."""

HOUR = f"{ENDPOINT}/AllTraffic/2024/03/03/12"
LISTING = rb"^GET [^ ]*list-type=2"
OBJECT = rb"^GET (?![^ ]*list-type=2)"


class Place(NamedTuple):
    """A server with a day of captures, reached through a proxy."""

    storage: Storage
    proxy: FaultProxy


def record(number: int) -> bytes:
    return one(f"e{number:04}", at("2024-03-03", 12, number % 60)).line()


@pytest.fixture(scope="module")
def module_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("s3")
    ports = choose_ports(list(ObjectStore.port_names), {}, [])
    server = ObjectStore(load_settings(tmp_path_factory.mktemp("clone"), folder / "state", ports))
    credentials = server.settings.credentials

    def storage(url: str) -> Storage:
        extra = {"endpoint_url": url, "config_kwargs": {"s3": {"addressing_style": "path"}}}
        s3 = Connection(
            conn_type="aws", login=credentials.s3_key, password=credentials.s3_secret, extra=extra
        )
        return open_storage(f"s3://{DATA_BUCKET}", models.local_deployment(folder, s3=s3))

    try:
        server.up()
        direct = storage(server.settings.s3_url)
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda n: direct.write(f"{HOUR}/{n:04}.jsonl", record(n)), range(OBJECTS)))
        with fault_proxy(server.settings.ports["s3"]) as proxy:
            yield Place(storage(f"http://127.0.0.1:{proxy.port}"), proxy)
    finally:
        server.process.stop(SIGINT, server.stop_seconds)


@pytest.fixture
def place(module_place: Place) -> Iterator[Place]:
    yield module_place
    module_place.proxy.plan()


def keys(place: Place, folder: str = HOUR) -> list[str]:
    return [found.key for found in place.storage.list(f"{folder}/")]


EVERY = [f"{HOUR}/{number:04}.jsonl" for number in range(OBJECTS)]


def test_many_small_objects_are_fetched_at_once(place: Place, tmp_path: Path) -> None:
    model = models.model(labels=None)
    late = Fault(Kind.LATE, OBJECT, times=None)
    place.proxy.plan(late)

    files = export_window(Window.of_day("2024-03-03"), model, place.storage, tmp_path)

    assert files.counts.rows == files.counts.objects == OBJECTS
    rows = pq.read_table(files.inferences, columns=["event_id", "source_key", "source_record"]).to_pylist()
    assert rows == [
        {"event_id": f"e{n:04}", "source_key": key, "source_record": 1} for n, key in enumerate(EVERY)
    ]
    assert late.struck == OBJECTS
    assert 2 <= late.most_open <= REQUESTS_AHEAD


def without_some(listing: bytes) -> bytes:
    """Return a page of a listing without some of its objects."""
    return re.sub(rb"<Contents><Key>[^<]*/(?:00[0-3]|102).*?</Contents>", b"", listing)


@pytest.mark.parametrize(
    "fault",
    [Fault(Kind.ANSWER, LISTING, HTML), Fault(Kind.CHANGED, LISTING, change=without_some)],
    ids=["HTML", "without some"],
)
@pytest.mark.parametrize("pages_before", [0, 1])
def test_a_listing_that_lacks_objects_is_asked_for_again(
    place: Place, fault: Fault, pages_before: int
) -> None:
    planned = replace(fault, skip=pages_before)
    place.proxy.plan(planned)

    assert keys(place) == EVERY
    assert planned.struck == 1


def test_a_folder_without_objects_is_one(place: Place) -> None:
    assert keys(place, "nothing") == []


def test_a_page_that_is_no_listing(place: Place) -> None:
    place.proxy.plan(Fault(Kind.ANSWER, LISTING, HTML, times=None))

    with pytest.raises(
        InfrastructureError, match=r"the server answered, but not with a listing\. Check endpoint_url"
    ):
        keys(place)


def changed(pattern: bytes, change: Callable[[bytes], bytes]) -> Fault:
    """Return the change of each answer's body."""
    return Fault(Kind.CHANGED, pattern, change=change, times=None)


def test_pages_that_repeat(place: Place) -> None:
    """The same page again and again, each with the promise of another."""
    first: list[bytes] = []

    def repeated(listing: bytes) -> bytes:
        first.append(listing)
        return first[0]

    place.proxy.plan(changed(LISTING, repeated))

    with pytest.raises(InfrastructureError, match=r"each repeats objects or lacks some .* check the storage"):
        keys(place)


def test_pages_that_never_have_the_same_objects(place: Place) -> None:
    number = [0]

    def fewer(listing: bytes) -> bytes:
        number[0] += 1
        return re.sub(rb"<Contents><Key>[^<]*/0%d0.*?</Contents>" % (number[0] % 9), b"", listing)

    place.proxy.plan(changed(LISTING, fewer))

    with pytest.raises(InfrastructureError, match=r"Could not list s3://.*/12/: of 4 listings in a row"):
        keys(place)


@pytest.mark.parametrize("read", ["read_listed", "stream_listed"])
def test_an_object_shorter_than_listed(place: Place, read: str) -> None:
    listed = next(iter(place.storage.list(f"{HOUR}/")))
    place.proxy.plan(changed(OBJECT, lambda body: body[:50]))

    with pytest.raises(
        InfrastructureError, match=r"0000\.jsonl has 50 bytes, but its listing says \d+; a retry lists"
    ):
        list(getattr(place.storage, read)(listed))
