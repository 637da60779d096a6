import os
import sys
from pathlib import Path
from threading import Timer

import psutil
import pytest
from daywatch_demo.stack.credentials import Credentials
from daywatch_demo.stack.errors import StackError
from daywatch_demo.stack.process import Command
from daywatch_demo.stack.service import Service
from daywatch_demo.stack.settings import Settings


class Echo(Service):
    """A server that says something and is ready when it has."""

    name = "echo"
    start_seconds = 0.5
    stop_seconds = 5.0
    code = "import time; print('hello', flush=True); time.sleep(60)"
    provisioned = 0

    @property
    def address(self) -> str:
        return "nowhere"

    def command(self) -> Command:
        return Command((sys.executable, "-c", self.code), dict(os.environ), self.settings.state)

    def problem(self) -> str | None:
        return None if "hello" in self.process.log_tail() else "it is silent"

    def provision(self) -> None:
        self.provisioned += 1
        if self.provisioned == 1:
            message = "the first time fails"
            raise StackError(message)


@pytest.fixture
def echo(tmp_path: Path):
    service = Echo(Settings(tmp_path, tmp_path, {}, Credentials()))
    service.start_seconds = 10.0
    yield service
    service.stop()


def test_what_failed_to_be_provisioned_is_provisioned_by_the_next_start(echo: Echo) -> None:
    with pytest.raises(StackError, match="the first time fails"):
        echo.up()

    assert echo.up() is False
    assert echo.provisioned == 2
    echo.up()
    assert echo.provisioned == 2


def test_one_that_ends_while_starting_is_told_with_its_last_words(echo: Echo) -> None:
    echo.code = "print('port taken'); raise SystemExit(3)"

    with pytest.raises(StackError, match=r"echo ended while it was starting.*echo\.log:\nport taken"):
        echo.up()


def test_one_that_does_not_serve_in_time_is_told_with_the_reason(echo: Echo) -> None:
    echo.code = "import time; time.sleep(60)"
    echo.start_seconds = 0.3

    with pytest.raises(StackError, match=r"echo at nowhere did not serve within 0 s: it is silent"):
        echo.up()


def test_one_that_ends_just_when_it_is_looked_at_is_started_again(echo: Echo) -> None:
    echo.provisioned = 1
    echo.up()
    first = echo.process.pid()
    echo.process.log.write_text("")  # silent from now on
    Timer(0.3, psutil.Process(first).kill).start()

    assert echo.up() is True
    assert echo.process.pid() != first


def test_status_tells_what_is_wrong(echo: Echo) -> None:
    assert echo.status().problem == "it is not running"
    echo.provisioned = 1
    echo.up()
    assert echo.status().problem is None
    assert echo.status().memory > 1_000_000
