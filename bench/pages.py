"""The pages under load: 200 models of a year in PostgreSQL, 20 readers at once, on this machine alone.

    python -m bench.pages --models 200 --days 365 --readers 20 --seconds 20

Prints for each page the time to the first byte and to the last one, and its size; and the processor time of a request
in the server and in PostgreSQL, which other work on the machine changes less. The server is a process of its own that
shows the pages without Airflow's login, which adds the time of one look at a token. No window has files, so the page
of a window is the short one, which says so.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from signal import SIGQUIT

import httpx
import numpy as np
import psutil
import sqlalchemy as sa
from daywatch.config.deployment.deployment import Deployment
from daywatch.warehouse.migrate import upgrade
from daywatch_demo.stack.ports import choose_ports
from daywatch_demo.stack.postgres import Postgres
from daywatch_demo.stack.postgres_home import remove_home
from daywatch_demo.stack.settings import load_settings

METRICS = (
    *("roc_auc", "accuracy", "precision", "recall", "f1", "log_loss", "drifted_columns", "latency_p50"),
    *("latency_p95", "latency_p99", "quarantined_share", "records"),
)
COLUMNS = 12
PAGES = {
    "fleet": "/daywatch/",
    "fleet, filtered": "/daywatch/?state=RED&text=model",
    "model, 90 days": "/daywatch/model_{number:03}",
    "model, 365 days": "/daywatch/model_{number:03}?from=2025-01-01&to=2025-12-31",
    "window": "/daywatch/model_{number:03}/2025-12-30",
    "incidents": "/daywatch/-/incidents",
    "retraining": "/daywatch/model_{number:03}/retraining",
}

_KEY = "model, day AS window_start, day + interval '1 day' AS window_end, md5(model || day)::char(16) AS revision"
_DAYS = """
    (SELECT 'model_' || lpad(m::text, 3, '0') AS model, m, day, d FROM generate_series(0, :models - 1) AS m,
        (SELECT timestamptz '2025-12-31 00:00:00+00' - n * interval '1 day' AS day, n AS d
         FROM generate_series(0, :days - 1) AS n) AS days) AS days
"""
_STATE = "(ARRAY['GREEN','GREEN','GREEN','AMBER','RED','GREY'])[1 + (m * 7 + d / 5) % 6]"
STATEMENTS = (
    """INSERT INTO model SELECT 'model_' || lpad(m::text, 3, '0'), '/corp/area_' || m % 8, 'team ' || m % 12, 1 + m % 4,
        'A model of the load' FROM generate_series(0, :models - 1) AS m""",
    f"""INSERT INTO window_run (model, window_start, window_end, revision, sequence, baseline_id, artifacts, source,
            objects, bytes, records, exported, quarantined, duplicates, rows, quarantine_reasons, recorded_at)
        SELECT {_KEY}, 1, 'b' || d / 100, '', '', 24, 1000, 10000, 10000, d % 9, 0, 10000, '{{}}', day FROM {_DAYS}""",
    f"""INSERT INTO verdict (model, window_start, window_end, revision, slice, state, short, reasons)
        SELECT {_KEY}, '', {_STATE}, 'drift_score of passenger_count 0.412 (red > 0.3) and 11 more',
            '["drift_score of passenger_count is 0.412"]' FROM {_DAYS}""",
    f"""INSERT INTO label_coverage (model, window_start, window_end, revision, rows, labelled, share, labels_read,
            labels_quarantined, share_by_day)
        SELECT {_KEY}, 10000, 9900, 0.99, 9900, 0, '[0.5, 0.8, 0.99]' FROM {_DAYS}""",
    f"""INSERT INTO rule_outcome (model, window_start, window_end, revision, position, rule, metric, column_name,
            class_name, slice, value, baseline_value, state, reason)
        SELECT {_KEY}, place, metric || ': green >= 0.8, red <= 0.7', metric, '', '', '', 0.8, 0.9, 'GREEN', 'met'
        FROM {_DAYS}, unnest(CAST(:metrics AS text[])) WITH ORDINALITY AS planned(metric, place) WHERE place <= 6""",
    f"""INSERT INTO metric_value (model, window_start, window_end, revision, slice, column_name, class_name, metric,
            value, low, high, baseline_value, method, status, note)
        SELECT {_KEY}, '', '', '', metric, 0.8 + 0.1 * sin(d + place), 0.7, 0.95, 0.85, '', 'measured', ''
        FROM {_DAYS}, unnest(CAST(:metrics AS text[])) WITH ORDINALITY AS measured(metric, place)""",
    f"""INSERT INTO metric_value (model, window_start, window_end, revision, slice, column_name, class_name, metric,
            value, threshold, method, status, note)
        SELECT {_KEY}, '', 'column_' || c, '', 'drift_score', 0.1 * (1 + sin(d + c)), 0.1, 'psi', 'measured', ''
        FROM {_DAYS}, generate_series(1, :columns) AS c""",
    f"""INSERT INTO column_profile (model, window_start, window_end, revision, slice, column_name, of_baseline, type,
            count, nulls, non_finite, distinct_count, detail)
        SELECT {_KEY}, '', 'prediction', false, 'category', 10000, 0, 0, 2,
            '{{"frequent": [{{"value": "0", "count": 7000}}, {{"value": "1", "count": 3000}}]}}' FROM {_DAYS}""",
)


def fill(url: str, models: int, days: int) -> None:
    """Fill a warehouse.

    Args:
        url: Address of an empty warehouse.
        models: Number of models.
        days: Number of days of each.
    """
    engine = sa.create_engine(url)
    wanted = {"models": models, "days": days, "metrics": list(METRICS), "columns": COLUMNS}
    with engine.begin() as connection:
        for statement in STATEMENTS:
            named = {name: value for name, value in wanted.items() if f":{name}" in statement}
            connection.execute(sa.text(statement.replace("::", r"\:\:")), named)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("ANALYZE"))
    engine.dispose()


def serve(url: str, folder: str, port: int) -> None:
    """Serve the pages to everybody.

    Args:
        url: Address of the warehouse.
        folder: Folder for artifacts.
        port: Port on the loopback address.
    """
    import uvicorn
    from daywatch.pages.access import Access
    from daywatch.pages.app import pages_app
    from fastapi import FastAPI

    deployment = Deployment(folder, folder, url, models=Path(folder))
    readable = frozenset(f"model_{number:03}" for number in range(1000))
    access = Access(
        signed_in=lambda: None,
        may_read_model=lambda: None,
        editor=lambda: lambda _: True,
        readable_models=lambda: readable,
        reader=lambda: "reader",
        deployment=lambda: deployment,
        judge=lambda: lambda _, __: None,
        login="/",
    )
    app = FastAPI()
    app.mount("/daywatch", pages_app(access))
    uvicorn.run(app, port=port, log_level="error")


def read(port: int, models: int, readers: int, seconds: float) -> dict[str, dict[str, float]]:
    """Read the pages at once for a time, and return what each took: milliseconds, and bytes.

    Args:
        port: Port of the server.
        models: Number of models.
        readers: Number of readers.
        seconds: How long they read.

    Raises:
        httpx.HTTPStatusError: A page answered with an error.
    """
    taken: dict[str, list[tuple[float, float, int]]] = {name: [] for name in PAGES}
    until = time.monotonic() + seconds

    def reader(first: int) -> None:
        random = np.random.default_rng(first)
        names = list(PAGES)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as client:
            while time.monotonic() < until:
                name = names[random.integers(len(names))]
                begun = time.perf_counter()
                with client.stream("GET", PAGES[name].format(number=random.integers(models))) as answer:
                    first_byte = time.perf_counter() - begun
                    answer.raise_for_status()
                    size = sum(len(part) for part in answer.iter_raw())
                    taken[name].append((first_byte, time.perf_counter() - begun, size))

    with ThreadPoolExecutor(readers) as pool:
        # An error of a reader is one of the benchmark: a page that fails is fast.
        list(pool.map(reader, range(readers)))
    return {name: _summary(values) for name, values in taken.items() if values}


def _summary(values: list[tuple[float, float, int]]) -> dict[str, float]:
    first, whole, sizes = map(np.array, zip(*values, strict=True))
    return {
        "requests": len(values),
        "first_byte_p95_ms": round(float(np.quantile(first, 0.95)) * 1000),
        "p50_ms": round(float(np.quantile(whole, 0.5)) * 1000),
        "p95_ms": round(float(np.quantile(whole, 0.95)) * 1000),
        "largest_bytes": int(max(sizes)),
    }


def main() -> None:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=200)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(
            Path(folder), Path(folder) / "state", choose_ports(["postgres", "airflow"], {}, [])
        )
        server = Postgres(settings)
        process = None
        try:
            server.up()
            url = settings.warehouse_dsn
            upgrade(url)
            begun = time.monotonic()
            fill(url, wanted.models, wanted.days)
            filled = time.monotonic() - begun
            port = settings.ports["airflow"]
            process = multiprocessing.get_context("spawn").Process(target=serve, args=(url, folder, port))
            process.start()
            _wait(port)
            servers = {"server": process.pid, "database": server.process.pid()}
            alone = {name: _cpu_of(servers, port, wanted.models, name) for name in PAGES}
            timed = read(port, wanted.models, 1, wanted.seconds / 2)
            together = read(port, wanted.models, wanted.readers, wanted.seconds)
            print(
                json.dumps(
                    {
                        "filled_s": round(filled),
                        "load_1min": os.getloadavg()[0],
                        "cpu_ms_of_a_request": alone,
                        "one reader": timed,
                        "readers": together,
                    },
                    indent=2,
                )
            )
        finally:
            if process is not None:
                process.terminate()
                process.join()
            server.process.stop(SIGQUIT, 10)
            remove_home(settings.state)


def _cpu_of(servers: dict[str, int | None], port: int, models: int, page: str) -> dict[str, float]:
    """Return the milliseconds of processor time that one request for a page takes, the mean of 20."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as client:
        client.get(PAGES[page].format(number=0)).raise_for_status()
        before = {name: _seconds(pid) for name, pid in servers.items()}
        for number in range(20):
            client.get(PAGES[page].format(number=number * 7 % models)).raise_for_status()
    spent = {name: _seconds(pid) for name, pid in servers.items()}
    return {
        name: round(1000 / 20 * sum(now - before[name].get(one, 0) for one, now in times.items()), 1)
        for name, times in spent.items()
    }


def _seconds(pid: int | None) -> dict[int, float]:
    """Return the processor time of a process and of those that it started and that run, by process."""
    first = psutil.Process(pid)
    times = {one.pid: one.cpu_times() for one in (first, *first.children(recursive=True))}
    return {one: float(time.user + time.system) for one, time in times.items()}


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            httpx.get(f"http://127.0.0.1:{port}/daywatch/", trust_env=False, timeout=30)
        except httpx.ConnectError:
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    main()
