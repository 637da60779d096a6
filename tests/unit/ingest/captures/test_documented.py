"""The examples of docs/captures.md are read as they stand there."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import models
import pyarrow.parquet as pq
import pytest
import yaml
from captures import Endpoint, at
from daywatch.config.deployment.connections import Connection
from daywatch.config.model.capture import SOURCE_MODELS
from daywatch.ingest.data_places import capture_storage
from daywatch.ingest.export import export_window
from daywatch.window import Window
from sources import write_files

PAGE = (Path(__file__).parents[4] / "docs" / "captures.md").read_text(encoding="utf-8")
SHARED = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0])
SECTIONS = {
    title: body
    for title, body in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    if "capture:" in body
}
FILE = re.compile(r"^`([^`]+/[^`]+)`[^\n]*:\n\n```(?:json|csv)\n(.*?)```", re.MULTILINE | re.DOTALL)


def test_every_source_has_an_example() -> None:
    examples = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
    named = {one["capture"].get("source", "sagemaker_realtime") for one in examples if "capture" in one}

    assert named == set(SOURCE_MODELS)
    assert len(SECTIONS) == 20


def test_the_table_at_the_top_leads_to_every_example() -> None:
    linked = set(re.findall(r"\]\(#([\w-]+)\)", PAGE.split("\n## ", 1)[0]))
    anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in SECTIONS}

    assert anchors - linked <= {"what-a-payload-is", "a-confidence-next-to-the-response"}


@pytest.mark.parametrize("title", SECTIONS)
def test_an_example(endpoint: Endpoint, export: Callable[..., Any], title: str) -> None:
    (configured,) = re.findall(r"```yaml\n(.*?)```", SECTIONS[title], re.DOTALL)
    files = dict(FILE.findall(SECTIONS[title]))
    if "source: sql" in configured:
        _an_example_in_a_database(endpoint.folder, configured, SECTIONS[title])
        return
    assert files
    uri = str(endpoint.folder)
    write_files(endpoint.folder, {key: text.replace("DATA_URI", uri).encode() for key, text in files.items()})

    for path in endpoint.folder.rglob("*.json"):
        os.utime(path, (at("2024-03-03").timestamp(),) * 2)

    exported = export(model=models.model(**{**SHARED, **yaml.safe_load(configured)}))

    assert exported.quarantine == []
    (row,) = exported.rows
    assert (row["amount"], row["items"], row["member"], row["country"]) == (12.5, 3, True, "DE")
    assert (row["prediction"], row["probability"]) == ("1", 0.9)
    assert row["inference_time"] == at(
        "2024-03-03", 0 if "time is that of its folder" in SECTIONS[title] else 12
    )


def _an_example_in_a_database(folder: Path, configured: str, section: str) -> None:
    """Read the table of the section from SQLite."""
    lines = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    names, _, values = ([cell.strip() for cell in line] for line in lines)
    renamed = [{"inference_id": "id", "inference_time": "asked_at"}.get(name, name) for name in names]
    file = folder / "shop.sqlite"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(f"CREATE TABLE answers ({', '.join(renamed)})")
        database.execute(f"INSERT INTO answers VALUES ({', '.join('?' * len(values))})", values)
    model = models.model(**{**SHARED, "labels": None, **yaml.safe_load(configured)})
    connection = Connection(conn_type="sqlite", host=str(file))
    storage = capture_storage(model, models.local_deployment(folder, connections=lambda _: connection))

    exported = export_window(Window.of_day("2024-03-03"), model, storage, folder)

    (row,) = pq.read_table(exported.inferences).to_pylist()
    assert (row["amount"], row["items"], row["member"], row["country"]) == (12.5, 3, True, "DE")
    assert (row["prediction"], row["probability"], row["inference_time"]) == ("1", 0.9, at("2024-03-03", 12))
