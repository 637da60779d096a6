"""20,000 mutated records of every source and layout, and spoiled files; ``make fuzz`` takes more of them."""

from __future__ import annotations

from pathlib import Path
from random import Random

import models
import pytest
from captures import Endpoint, day_of, one
from daywatch.config.model.capture import SOURCE_MODELS
from daywatch.ingest.export import ExportedFiles, export_window
from daywatch.ingest.reading.quarantine import Reason
from daywatch.storage import Storage, open_storage
from daywatch.window import Window
from sources import SHAPES, Files, write_files

from tests.fuzz.account import check
from tests.fuzz.layouts import LAYOUTS
from tests.fuzz.run import fuzz

RECORDS = 20_000
COPIES = 12


WITHOUT_LAYOUT = {"sql", "kserve_log"}
"""Rows of a query are typed values, without bytes to change; a KServe record is a pair of files, not a line."""


def test_each_source_of_lines_has_its_layouts() -> None:
    assert {name.partition(",")[0] for name in LAYOUTS} == set(SOURCE_MODELS) - WITHOUT_LAYOUT


@pytest.mark.parametrize("name", LAYOUTS)
def test_no_record_is_lost_whatever_it_is(name: str) -> None:
    """Some have rows, some have not, and for several reasons: the changes reach all parts of the export."""
    outcome = fuzz(name, -(-RECORDS // len(LAYOUTS)), RECORDS)

    assert outcome.mutants // 50 < outcome.counts["exported"] < outcome.counts["records"]
    assert len(outcome.reasons) > 3


def spoiled(content: bytes, dice: Random) -> bytes:
    """Return a file with places changed, cut or doubled, with something at its end, or another file."""
    if dice.random() < 0.1:
        return dice.randbytes(dice.randrange(60))
    changed = bytearray(content + (dice.randbytes(50) if dice.random() < 0.1 else b""))
    for _ in range(dice.randrange(4)):
        place = dice.randrange(len(changed) + 1)
        kind = dice.randrange(3)
        if kind == 0 and place < len(changed):
            changed[place] = dice.randrange(256)
        elif kind == 1:
            del changed[place : place + dice.randrange(40)]
        else:
            changed[place:place] = dice.randbytes(dice.randrange(6))
    return bytes(changed)


def export(folder: Path, capture: dict[str, object]) -> tuple[ExportedFiles, Storage]:
    """Export the day of the files, with the day before and after it."""
    scratch = folder / "scratch"
    scratch.mkdir()
    storage = open_storage(str(folder / "data"), models.local_deployment(folder))
    window = Window.between("2024-02-29", "2024-03-08")
    return export_window(window, models.model(capture=capture), storage, scratch), storage


@pytest.mark.parametrize("shape", SHAPES)
def test_no_bytes_of_a_file_stop_an_export(tmp_path: Path, shape: str) -> None:
    """Gzip, Parquet, manifests, headers: each copy but one is spoiled in another way."""
    capture, make = SHAPES[shape]
    dice, data = Random(shape), tmp_path / "data"  # noqa: S311 - test data
    for copy in range(COPIES):
        files: Files = {}
        for key, content in make(day_of("2024-03-03", rows=2), str(data / f"copy{copy}")).items():
            parent, _, name = key.rpartition("/")
            copied = f"copy{copy}/{key}" if key.startswith("jobs/") else f"{parent}/{copy:02}-{name}"
            files[copied] = spoiled(content, dice) if copy else content
        write_files(data, files)

    exported, storage = export(tmp_path, capture)

    check(exported, storage)
    assert exported.counts.rows > 0
    assert exported.counts.quarantined > 0


def test_odd_lines_between_good_ones(tmp_path: Path) -> None:
    """Blank lines are no records, all others are; neither they nor labels of any bytes hurt the good ones."""
    lines = {
        b"": None,
        b" \t": None,
        b"\x00\x00": None,
        b"\r": None,
        b"{}": Reason.NOT_A_CAPTURE,
        b"null": Reason.NOT_A_CAPTURE,
        b'"': Reason.NOT_JSON,
        b"\xef\xbb\xbf{}": Reason.NOT_JSON,
        b"\x1f\x8b": Reason.NOT_UTF8,
        one("cut").line()[:150]: Reason.NOT_JSON,
        one("crlf").line() + b"\r": None,
    }
    (tmp_path / "data").mkdir()
    endpoint = Endpoint(tmp_path / "data")
    endpoint.raw(
        b"\xef\xbb\xbf" + b"\n".join(part for line in lines for part in (line, one(repr(line)).line()))
    )
    endpoint.raw_truth(b"\xff\n" + b"[" * 3000 + b"\n" + b'{"eventMetadata": {"eventId": "cut"}}')

    exported, storage = export(tmp_path, {"endpoint": "shop-endpoint"})

    check(exported, storage)
    reasons = [reason for reason in lines.values() if reason]
    assert exported.counts.quarantined == len(reasons)
    assert exported.counts.rows == len(lines) + 1
    assert exported.counts.labels_quarantined == 3
