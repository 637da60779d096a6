"""Ctrl-C in a process of its own: one line, 130, within three seconds, and nothing left in the scratch folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from daywatch.cli.interrupt import LINE

INCLUDE = Path(__file__).resolve().parents[3] / "include"

_ENDLESS = "SELECT sum(sqrt(a.i * b.i)) FROM range(10_000_000) a(i), range(10_000_000) b(i)"

_SETTING = f"""
import sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import duckdb
from daywatch.cli.interrupt import run_interruptible
from daywatch.engine.duck import duckdb_in
from daywatch.engine.settings import EngineSettings, scratch_folder

def query(scratch):
    with duckdb_in(scratch) as connection:
        print("ready", flush=True)
        connection.execute({_ENDLESS!r}).fetchall()

def with_scratch(work):
    with scratch_folder(EngineSettings(folder=Path(sys.argv[1]))) as scratch:
        (scratch / "captured").write_text("a value")
        work(scratch)
    return 0
"""

BUSY = {
    "a query": "run_interruptible(lambda: with_scratch(query))",
    "a query of another thread": """
def work(scratch):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(query, scratch).result()
run_interruptible(lambda: with_scratch(work))
""",
    "code that catches everything": """
def work(scratch):
    print("ready", flush=True)
    while True:
        try:
            time.sleep(60)
        except BaseException as error:
            print("swallowed", error, file=sys.stderr)
run_interruptible(lambda: with_scratch(work))
""",
}


@pytest.mark.parametrize("busy", BUSY)
def test_ctrl_c_ends_what_a_process_is_busy_with(busy: str, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _SETTING + BUSY[busy], str(tmp_path)],
        env={"PYTHONPATH": str(INCLUDE), "PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    begun = time.monotonic()

    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)

    assert time.monotonic() - begun < 3
    assert process.returncode == 130
    assert errors.splitlines()[-1] == LINE
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []
