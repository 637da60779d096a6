"""Malformed objects, as files under ``malformed``, and what becomes of each: see ``outcomes.json`` there."""

from __future__ import annotations

import json
import os
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import models
import pytest
from captures import Endpoint, one
from daywatch.errors import InfrastructureError
from daywatch.ingest.reading.quarantine import Reason
from daywatch.storage import Storage, open_storage

Export = Callable[..., Any]

FOLDER = Path(__file__).parent / "malformed"
OUTCOMES: dict[str, dict[str, Any]] = json.loads((FOLDER / "outcomes.json").read_text(encoding="utf-8"))
LIMITS = {"endpoint": "shop-endpoint", "limits": {"object_megabytes": 2}}


def test_every_file_has_its_outcome() -> None:
    assert set(OUTCOMES) == {path.name for path in FOLDER.iterdir()} - {"outcomes.json"}
    assert len(OUTCOMES) >= 12


@pytest.mark.parametrize("name", OUTCOMES)
def test_a_malformed_object(endpoint: Endpoint, export: Export, name: str) -> None:
    """Its neighbour is read all the same."""
    endpoint.raw((FOLDER / name).read_bytes(), name=name)
    endpoint.raw(one("neighbour").line(), name="zzz.jsonl")
    outcome = OUTCOMES[name]

    exported = export(model=models.model(capture=LIMITS))

    bad = {int(record): reason for record, reason in outcome.get("quarantined", {}).items()}
    assert dict(exported.reasons) == bad
    assert exported.counts.rows == outcome["rows"] + 1
    assert exported.counts.duplicates == outcome.get("duplicates", 0)


def test_a_line_of_50_megabytes(endpoint: Endpoint, export: Export) -> None:
    """Below the limit it is a record like another; its payload may hold it, or an excerpt of it."""
    long = one("long", request="1,2,true," + "x" * (50 << 20)).line()
    endpoint.raw(b"\n".join([long, b'{"junk": "' + b"y" * (50 << 20), one("e").line()]))

    exported = export()

    assert sorted(len(value) for value in exported.column("country")) == [2, 50 << 20]
    assert exported.reasons == [(2, Reason.NOT_JSON)]
    assert len(exported.quarantine[0]["excerpt"]) == 200
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 3 << 20


class Changing:
    """A store whose objects are written again between being listed and being read."""

    def __init__(self, store: Any, folder: Path) -> None:
        self.store, self.folder = store, folder

    def get(self, key: str, options: Any = None) -> Any:
        path = self.folder / key
        path.write_bytes(path.read_bytes() + b"\n" + one("another").line())
        os.utime(path, ns=(1, 1))
        return self.store.get(key, options=options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


def test_an_object_that_changes_is_worth_a_retry(endpoint: Endpoint, export: Export, tmp_path: Path) -> None:
    key = endpoint.raw(one("first").line())
    storage = open_storage(str(endpoint.folder), models.local_deployment(tmp_path))

    with pytest.raises(InfrastructureError, match=rf"{key} changed since it was listed; a retry reads"):
        export(storage=Storage(storage.uri, Changing(storage._store, endpoint.folder)))

    assert export().column("event_id") == ["another", "first"]


@pytest.mark.parametrize(
    ("attributes", "parsed"),
    [
        ("tenant=a, region = eu", {"region": "eu", "tenant": "a"}),
        (["tenant=a", "query=x=y"], {"query": "x=y", "tenant": "a"}),
        ("flag;tenant=a;tenant=b", {"flag": "", "tenant": "b"}),
        ("", {}),
        ("[not a list", {"[not a list": ""}),
        (["c000b4f9-df62"], {"c000b4f9-df62": ""}),
        (
            ['{"testIndicator": "false", "note": "a=1, b", "transactionId": 7}'],
            {"testIndicator": "false", "note": "a=1, b", "transactionId": 7},
        ),
        ({"tenant": "a"}, {"tenant": "a"}),
        (['{"a": 1, "b": 2}', '{"b": 3}'], {"a": 1, "b": 3}),
        (['{"a": 1}', "b=2"], {'{"a": 1}': "", "b": "2"}),
        (["{not JSON", 5], {"{not JSON": "", "5": ""}),
        ([None], {}),
        ([], {}),
        (None, None),
    ],
)
def test_custom_attributes_are_pairs(
    endpoint: Endpoint, export: Export, attributes: Any, parsed: Any, tmp_path: Path
) -> None:
    from daywatch.engine.duck import duckdb_in
    from daywatch.ingest.captures.registry import source_of
    from daywatch.window import Window

    record = one("e").record()
    record["eventMetadata"]["customAttributes"] = attributes
    endpoint.raw(json.dumps(record).encode())
    storage = open_storage(str(endpoint.folder), models.local_deployment(tmp_path))
    source = source_of(models.model())
    (tmp_path / "scratch").mkdir()
    with duckdb_in(tmp_path / "scratch") as connection:
        objects = dict(enumerate(source.objects(storage, Window.of_day("2024-03-03"))))
        ((found,),) = [
            row
            for query in source.read(connection, storage, objects, tmp_path / "scratch")
            for row in connection.execute(f"SELECT attributes FROM ({query})").fetchall()
        ]

    assert (json.loads(found) if found is not None else None) == parsed
