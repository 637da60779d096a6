"""Servers that restart, a full disk, and others who work on the same warehouse at the same time."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from time import sleep

import psutil
import pytest
from daywatch.errors import DaywatchError, InfrastructureError, SetupError
from daywatch.warehouse.migrate import downgrade, upgrade
from faults import Fault, Kind
from forked import exit_codes, start
from killed import end
from red_day import WITHOUT_MEASURING, build_baselines, run_stage, run_stages

from .site import MOST_TRIES, Site

Check = Callable[..., None]


@pytest.mark.long
@pytest.mark.parametrize(
    ("server", "stage"),
    [("s3", "judge"), ("postgres", "record"), ("postgres", "retrain"), ("mail", "notify")],
)
def test_a_server_is_killed_and_restarts(site: Site, check_whole: Check, server: str, stage: str) -> None:
    """Its connections break in the middle of a request; it is back when the stage is run again."""
    site.put_back(*WITHOUT_MEASURING)
    name, pattern = {
        "s3": ("s3", b"^PUT "),
        "postgres": ("postgres", b"INSERT INTO"),
        "mail": ("smtp", b"^data"),
    }[server]
    fault = Fault(Kind.STALL, pattern)
    progress = site.begun()
    for earlier in WITHOUT_MEASURING[: WITHOUT_MEASURING.index(stage)]:
        run_stage(earlier, progress, site.deployment)
    site.plan(name, fault)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run_stage, stage, progress, site.deployment)
        while not fault.struck:
            sleep(0.01)
        (pid,) = [status.pid for status in site.stack.status() if status.name == server]
        end(psutil.Process(pid))
        site.stack.up(airflow=False)
        error = running.exception()
    assert error is None or isinstance(error, InfrastructureError)
    site.heal()
    assert site.run_until_done(*WITHOUT_MEASURING) == []
    check_whole(f"{server} is killed at the stage {stage}, and restarts", [error] if error else [])


@pytest.fixture
def small_disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A disk of so many kB; only root can make one."""
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={request.param}k", "none", str(tmp_path)]
    made = subprocess.run(mounting, capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"no disk can be mounted here: {made.stderr.strip()}")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.mark.long
@pytest.mark.parametrize("small_disk", [4, 16, 64], indirect=True)
def test_a_full_scratch_disk(site: Site, check_whole: Check, small_disk: Path) -> None:
    site.put_back()
    engine = replace(site.deployment.engine, folder=small_disk)

    errors = site.run_until_done(deployment=replace(site.deployment, engine=engine))

    assert [type(error) for error in errors] == [InfrastructureError], errors
    assert list(small_disk.iterdir()) == []
    size = subprocess.run(
        ["df", "--output=size", str(small_disk)], capture_output=True, text=True, check=True
    )
    check_whole(f"scratch disk of {size.stdout.split()[1]} kB is full", errors)


def test_four_runs_of_one_window_at_once(site: Site, check_whole: Check) -> None:
    site.put_back(*WITHOUT_MEASURING)
    runs = [start(run_stages, site.environment, WITHOUT_MEASURING, site.begun()) for _ in range(4)]

    assert exit_codes(runs) == [0] * 4
    check_whole("four processes run the window at once", [])


@pytest.mark.long
def test_the_baseline_is_built_again_meanwhile(site: Site, check_whole: Check) -> None:
    site.put_back()
    building = start(build_baselines, site.environment)
    errors = site.run_until_done()

    assert exit_codes([building]) == [0]
    assert errors == []
    check_whole("the baseline is built again, three times, meanwhile", errors)


@pytest.mark.long
def test_the_schema_is_upgraded_meanwhile(site: Site, check_whole: Check) -> None:
    """A schema that waits for its upgrade is a matter of set-up; three upgrades at once are one."""
    site.put_back(*WITHOUT_MEASURING)
    url, progress = site.deployment.warehouse_url, site.begun()
    downgrade(url, "-1")
    with pytest.raises(SetupError, match="run `daywatch warehouse upgrade`") as refused:
        run_stage("export", progress, site.deployment)
    upgrading = [start(upgrade, url) for _ in range(3)]
    errors: list[DaywatchError] = [refused.value]
    while True:
        try:
            run_stage("export", progress, site.deployment)
        except SetupError as error:
            errors.append(error)
            upgrading[0].join()
            assert len(errors) < MOST_TRIES
        else:
            break

    assert site.run_until_done(*WITHOUT_MEASURING) == []
    assert exit_codes(upgrading) == [0] * 3
    check_whole("the schema is old, and upgraded by three at once meanwhile", errors[:1])
