"""Every source gives the same rows of the same inferences, whatever their format."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import models
import pandas as pd
import pytest
from captures import Endpoint, at, day_of, one
from daywatch.config.model.capture import CARRIED, SOURCE_MODELS
from daywatch.ingest.captures.registry import SOURCES
from daywatch.ingest.reading.quarantine import Reason
from sources import SHAPES, Files, write_files

Export = Callable[..., Any]
DAY = "2024-03-03"
CANONICAL = (
    *("inference_time", "amount", "items", "member", "country", "prediction", "probability", "label"),
)


def canonical(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What no source may tell differently."""
    return sorted(tuple(row[name] for name in CANONICAL) for row in rows)


def test_each_source_has_a_configuration_and_a_shape() -> None:
    # Rows of a query are in no files, and the time of KServe's objects is that of the storage: they have own tests.
    others = {"sql", "kserve_log"}
    assert set(SOURCES) == set(SOURCE_MODELS) == {*(name.partition(",")[0] for name in SHAPES), *others}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_inferences_give_the_same_rows(endpoint: Endpoint, export: Export, shape: str) -> None:
    """Captures of the days before and after are next to them."""
    days = [day_of(day, rows=48) for day in ("2024-03-02", DAY, "2024-03-04")]
    ours = [
        (
            one.at,
            float(one.request.split(",")[0]),
            int(one.request.split(",")[1]),
            one.request.split(",")[2] == "true",
            one.request.split(",")[3],
            one.response.split(",")[0],
            float(one.response.split(",")[1]),
            one.label,
        )
        for one in days[1]
    ]
    capture, files = SHAPES[shape]
    write_files(endpoint.folder, files([one for day in days for one in day], str(endpoint.folder)))
    endpoint.label(days[1])

    exported = export(model=models.model(capture=capture))

    assert canonical(exported.rows) == sorted(ours)
    assert exported.column("event_id") == [one.event_id for one in days[1]]
    assert (exported.counts.records, exported.counts.quarantined) == (48, 0)


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape != "sagemaker_batch"])
def test_records_of_the_neighbouring_folder_belong_to_their_own_window(
    endpoint: Endpoint, export: Export, shape: str
) -> None:
    """A folder holds records of a minute before and of a minute after its own interval."""
    capture, files = SHAPES[shape]
    for number, moment in enumerate((at(DAY, 0), at("2024-03-04", 0))):
        inferences = [one(f"{number}", moment)]
        ((key, _),) = files(inferences, str(endpoint.folder)).items()
        off = replace(inferences[0], at=moment - timedelta(minutes=1))
        ((_, content),) = files([off], str(endpoint.folder)).items()
        write_files(endpoint.folder, {key: content})

    found = {day: export(day, models.model(capture=capture)).column("event_id") for day in DAYS}

    assert found == {"2024-03-02": ["0"], "2024-03-03": ["1"], "2024-03-04": []}


DAYS = ("2024-03-02", "2024-03-03", "2024-03-04")


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_objects_twice_are_duplicates(endpoint: Endpoint, export: Export, shape: str) -> None:
    capture, files = SHAPES[shape]
    written = files(day_of(DAY, rows=24), str(endpoint.folder))
    write_files(endpoint.folder, written)
    for key in [key for key in written if "jobs/" not in key]:
        place, _, name = key.rpartition("/")
        write_files(endpoint.folder, {f"{place}/again-{name}": written[key]})

    counts = export(model=models.model(capture=capture)).counts

    assert (counts.records, counts.rows, counts.duplicates, counts.quarantined) == (48, 24, 24, 0)


@pytest.mark.parametrize("shape", SHAPES)
def test_two_exports_give_the_same_bytes(endpoint: Endpoint, export: Export, shape: str) -> None:
    capture, files = SHAPES[shape]
    write_files(endpoint.folder, spoiled(files(day_of(DAY, rows=100), str(endpoint.folder)), 3))
    model = models.model(capture=capture)
    first, second = export(model=model), export(model=model)

    assert first.contents == second.contents
    assert first.digest == second.digest


@pytest.mark.parametrize("shape", SHAPES)
def test_an_object_over_the_limit_is_one_record(endpoint: Endpoint, export: Export, shape: str) -> None:
    """The others are read."""
    capture, files = SHAPES[shape]
    write_files(endpoint.folder, files(day_of(DAY, rows=24), str(endpoint.folder)))
    written = files([one("late", at(DAY, 23, 59))], str(endpoint.folder))
    key = next(
        key for key in written if "manifest" not in key and "/m.json" not in key and "jobs/in" not in key
    )
    write_files(endpoint.folder, {key: b"x" * (1 << 20) + b"\n" * 8})

    exported = export(model=models.model(capture={**capture, "limits": {"object_megabytes": 1}}))

    assert [(bad["record"], bad["reason"]) for bad in exported.quarantine] == [(1, Reason.TOO_LARGE)]
    assert exported.quarantine[0]["source"].endswith(key)


@pytest.mark.parametrize("name", ["li\nne", "ta\tb", "c\x01"], ids=repr)
def test_an_odd_key_ends_no_day(endpoint: Endpoint, export: Export, name: str) -> None:
    """Object storage allows it; the object is quarantined by its name, and all others are read."""
    capture, files = SHAPES["sagemaker_realtime"]
    write_files(endpoint.folder, files(day_of(DAY, rows=24), str(endpoint.folder)))
    write_files(endpoint.folder, {f"shop-endpoint/AllTraffic/2024/03/03/12/{name}.jsonl": b"{}"})

    exported = export(model=models.model(capture=capture))

    assert (exported.counts.rows, exported.reasons) == (24, [(1, Reason.UNREADABLE)])
    assert name in exported.quarantine[0]["source"]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_source_carries_what_the_configuration_says(
    endpoint: Endpoint, export: Export, tmp_path: Path, shape: str
) -> None:
    capture, files = SHAPES[shape]
    write_files(endpoint.folder, files(day_of(DAY, rows=24), str(endpoint.folder)))

    export(model=models.model(capture=capture))

    operations = pd.read_parquet(tmp_path / "scratch" / "operations.parquet")
    columns = {"latency": "latency_ms", "status": "status", "size": "request_bytes"}
    carried = {name for name, column in columns.items() if operations[column].notna().all()}
    assert carried == CARRIED[shape.partition(",")[0]]


def spoiled(files: Files, seed: int) -> Files:
    """Return the files with some bytes of each changed, cut or doubled."""
    dice = random.Random(seed)  # noqa: S311 - test data
    found = {}
    for key, content in files.items():
        changed = bytearray(content)
        for _ in range(dice.randrange(4)):
            place = dice.randrange(len(changed) + 1)
            kind = dice.randrange(3)
            if kind == 0 and place < len(changed):
                changed[place] = dice.randrange(256)
            elif kind == 1:
                del changed[place : place + dice.randrange(40)]
            else:
                changed[place:place] = dice.randbytes(dice.randrange(6))
        found[key] = bytes(changed)
    return found
