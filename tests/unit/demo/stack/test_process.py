import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from signal import SIGTERM

import psutil
import pytest
from daywatch_demo.stack.process import Command, ServerProcess

SLEEP = "import time; print('ready', flush=True); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"
PARENT = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); {SLEEP}"


def _command(tmp_path: Path, code: str) -> Command:
    return Command((sys.executable, "-c", code), dict(os.environ), tmp_path)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path, "server")
    yield process
    process.stop(SIGTERM, 0)


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _lives(process: psutil.Process) -> bool:
    # A process that has ended stays in the list until its parent asks for it; init may take seconds.
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def _start(server: ServerProcess, tmp_path: Path, code: str, ready: int = 1) -> int:
    server.start(_command(tmp_path, code))
    _wait(lambda: server.log_tail().count("ready") == ready)
    pid = server.pid()
    assert pid is not None
    return pid


def test_a_started_server_is_found_again_by_another_object(server: ServerProcess, tmp_path: Path) -> None:
    pid = _start(server, tmp_path, SLEEP)

    assert ServerProcess(tmp_path, "server").pid() == pid


def test_it_lives_in_a_session_of_its_own(server: ServerProcess, tmp_path: Path) -> None:
    pid = _start(server, tmp_path, SLEEP)

    assert os.getsid(pid) == pid


def test_stop_ends_it(server: ServerProcess, tmp_path: Path) -> None:
    pid = _start(server, tmp_path, SLEEP)

    assert server.stop(SIGTERM, 5)
    assert not psutil.pid_exists(pid)
    assert server.pid() is None


def test_stop_of_nothing_is_nothing(server: ServerProcess) -> None:
    assert not server.stop(SIGTERM, 5)


def test_one_that_does_not_listen_is_killed(server: ServerProcess, tmp_path: Path) -> None:
    pid = _start(server, tmp_path, STUBBORN)

    assert server.stop(SIGTERM, 0.2)
    assert not psutil.pid_exists(pid)


def test_its_children_end_with_it(server: ServerProcess, tmp_path: Path) -> None:
    pid = _start(server, tmp_path, PARENT, ready=2)
    children = psutil.Process(pid).children()

    server.stop(SIGTERM, 5)

    assert len(children) == 1
    assert not _lives(children[0])


def test_orphans_of_a_server_that_crashed_are_ended(server: ServerProcess, tmp_path: Path) -> None:
    pid = _start(server, tmp_path, PARENT, ready=2)
    children = psutil.Process(pid).children()
    psutil.Process(pid).kill()
    _wait(lambda: server.pid() is None)
    assert _lives(children[0])

    assert server.stop(SIGTERM, 5)
    assert not _lives(children[0])


def test_a_stranger_with_our_process_id_is_left_alone(server: ServerProcess, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", SLEEP], start_new_session=True) as stranger:
        record = tmp_path / "run" / "server.json"
        record.parent.mkdir()
        record.write_text(json.dumps({"pid": stranger.pid, "started": 0.0, "fingerprint": ""}))

        assert server.pid() is None
        assert not server.stop(SIGTERM, 5)
        assert stranger.poll() is None
        stranger.kill()


def test_it_runs_only_the_command_that_it_was_started_with(server: ServerProcess, tmp_path: Path) -> None:
    command = replace(_command(tmp_path, SLEEP), identity={"PORT": "1"})
    server.start(command)

    assert server.runs(command)
    assert server.runs(replace(command, environment={"HOME": "elsewhere"}))
    assert not server.runs(replace(command, identity={"PORT": "2"}))
    assert not server.runs(_command(tmp_path, STUBBORN))


def test_a_new_start_has_to_be_provisioned_again(server: ServerProcess, tmp_path: Path) -> None:
    server.start(_command(tmp_path, SLEEP))
    assert not server.is_provisioned()
    server.set_provisioned()
    assert server.is_provisioned()

    server.stop(SIGTERM, 0)
    server.start(_command(tmp_path, SLEEP))

    assert not server.is_provisioned()


def test_the_log_of_the_last_start_is_kept_beside_the_new_one(server: ServerProcess, tmp_path: Path) -> None:
    _start(server, tmp_path, "print('first'); " + SLEEP)
    server.stop(SIGTERM, 0)
    _start(server, tmp_path, "print('second'); " + SLEEP)

    assert server.log_tail() == "second\nready"
    assert (tmp_path / "logs" / "server.previous.log").read_text() == "first\nready\n"


def test_records_and_logs_are_private(server: ServerProcess, tmp_path: Path) -> None:
    server.start(_command(tmp_path, SLEEP))

    for path in ("run/server.json", "logs/server.log"):
        assert (tmp_path / path).stat().st_mode & 0o077 == 0
