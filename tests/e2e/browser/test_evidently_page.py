"""Evidently's page of many columns, in a frame like Airflow's and under the policy that it is served with."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from daywatch.config.loading.load import load_model
from daywatch.config.model.columns import ColumnType, Feature
from daywatch.config.model.model import MonitoredModel
from daywatch.measure.window import measure_window
from daywatch.pages.documents import _POLICIES, Document
from playwright.sync_api import Browser, expect

COLUMNS = 64
FLIGHTS = Path(__file__).parents[3] / "include" / "models" / "flights.yaml"
FRAME = '<iframe sandbox="allow-scripts allow-forms allow-downloads allow-same-origin" src="/evidently.html" width=1200 height=900></iframe>'


def _rows(path: Path, shift: float) -> Path:
    columns = ", ".join(f"{shift if n % 16 == 0 else 0} + random() AS x{n:03}" for n in range(COLUMNS))
    with duckdb.connect() as connection:
        connection.execute("SELECT setseed(0.5)")
        connection.execute(
            f"COPY (SELECT 'e' || i AS event_id, 0 AS row_in_record, now() AS inference_time, {columns},"
            " CAST(i % 2 AS VARCHAR) AS prediction, random() AS probability, CAST(i % 3 % 2 AS VARCHAR) AS label"
            f" FROM range(300) AS t(i)) TO '{path}' (FORMAT parquet)"
        )
    return path


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("wide")
    features = tuple(Feature(name=f"x{n:03}", type=ColumnType.NUMBER) for n in range(COLUMNS))
    model: MonitoredModel = load_model(FLIGHTS).model_copy(update={"features": features, "slices": ()})
    return measure_window(
        _rows(folder / "r.parquet", 0), _rows(folder / "c.parquet", 3), model, folder
    ).html.read_bytes()


@pytest.fixture
def address(report: bytes) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            if self.path == "/evidently.html":
                self.send_header("content-security-policy", _POLICIES[Document.EVIDENTLY])
            self.end_headers()
            self.wfile.write(report if self.path == "/evidently.html" else FRAME.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_many_columns_open_and_the_second_page_is_drawn_on_demand(
    browser: Browser, address: str, report: bytes
) -> None:
    assert len(report) < 5_000_000
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(address)
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text("Dataset Drift", exact=True)).to_be_visible()
    expect(frame.locator("#root_daywatch_report tbody tr").first).to_contain_text("Detected")
    frame.get_by_role("link", name="Details of the other 14 columns").click()
    expect(frame.get_by_text("The other 14 columns", exact=True)).to_be_visible()
    expect(frame.get_by_text("Dataset Drift", exact=True)).to_be_hidden()
    second = frame.locator("#root_daywatch_columns")
    second.locator("tbody tr button").first.click()
    expect(second.get_by_text("reference (mean)")).to_be_visible()
    assert complaints == []
    page.close()
