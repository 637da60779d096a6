"""What importing the libraries leaves behind, looked at in fresh processes."""

from __future__ import annotations

import json
import platform
import subprocess
import sys

import pytest
from daywatch.preload import preload, preload_beside

AFTER_A_FAILURE = """
import gc, json
from daywatch.preload import preload

try:
    preload(("no_such_library",))
except ImportError:
    print(json.dumps({"enabled": gc.isenabled()}))
"""
TWICE = """
import gc, json
from daywatch.preload import preload

preload(("decimal",))
first = gc.get_freeze_count()
more = [[] for _ in range(1000)]
preload(("decimal",))
print(json.dumps({"first": first, "second": gc.get_freeze_count()}))
"""
SIXTEEN_THREADS = """
import ctypes, json, os, tempfile, threading
from daywatch.preload import preload

preload(("decimal",))
all_hold = threading.Barrier(16)


def hold():
    blocks = [bytearray(2000) for _ in range(100)]
    all_hold.wait()


threads = [threading.Thread(target=hold) for _ in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
with tempfile.NamedTemporaryFile("r") as written:
    stream = ctypes.c_void_p(libc.fopen(written.name.encode(), b"w"))
    libc.malloc_info(0, stream)
    libc.fclose(stream)
    print(json.dumps({"arenas": written.read().count("<heap "), "processors": os.cpu_count()}))
"""


def output_of(script: str) -> dict[str, int]:
    """Run a script in an interpreter of its own and return what it printed."""
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, check=True)
    output: dict[str, int] = json.loads(done.stdout)
    return output


def test_a_missing_library_is_an_error() -> None:
    with pytest.raises(ImportError, match="no_such_library"):
        preload(("no_such_library",))


def test_a_missing_library_is_an_error_of_the_thread_too() -> None:
    with pytest.raises(ImportError, match="no_such_library"):
        preload_beside(("no_such_library",)).result(60)


def test_the_collector_works_again_after_a_failure() -> None:
    assert output_of(AFTER_A_FAILURE) == {"enabled": True}


def test_what_is_there_is_not_frozen_a_second_time() -> None:
    """Freezing again would keep the garbage of that time for ever."""
    output = output_of(TWICE)
    assert output["first"] > 0
    assert output["second"] <= output["first"]


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are glibc's")
def test_threads_share_arenas() -> None:
    """Of sixteen threads that hold memory at once: glibc alone would make an arena for each."""
    output = output_of(SIXTEEN_THREADS)
    assert output["arenas"] <= output["processors"]
