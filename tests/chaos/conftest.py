"""One site for all tests here but Airflow's, and the table of all faults at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from daywatch.errors import DaywatchError
from daywatch_demo.stack.stack import temporary_stack
from models import write_model
from red_day import STAGES, run_stage

from .site import Outcome, Site, proxied_site

ROW = "fault"
"""The property of a test that is a row of the table."""


@pytest.fixture(scope="package")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The servers and a day to judge."""
    clone = tmp_path_factory.mktemp("clone")
    write_model(clone / "include" / "models")
    with temporary_stack(clone, clone / ".daywatch") as stack:
        stack.up(airflow=False)
        with proxied_site(stack, tmp_path_factory.mktemp("chaos")) as site:
            yield site


@pytest.fixture(scope="package")
def undisturbed(prepared: Site) -> Outcome:
    """What the day leaves behind where nothing fails."""
    known, before = prepared.known, set(prepared.artifacts())
    for stage in STAGES:
        run_stage(stage, known, prepared.deployment)
        after = set(prepared.artifacts())
        known.keys[stage], before = after - before, after
    outcome = prepared.outcome()
    assert (len(outcome.mails), outcome.scratch) == (1, ())
    assert [one.rpartition("-")[0] for one in outcome.trained] == ["retrained-2024-03-03"]
    assert [row["decision"] for row in outcome.rows["retraining"]] == ["yes"]
    assert [row["state"] for row in outcome.rows["verdict"]] == ["RED"]
    return outcome


@pytest.fixture
def site(prepared: Site, undisturbed: Outcome) -> Iterator[Site]:
    """The site after the undisturbed day, which a test puts back to before it."""
    yield prepared
    prepared.heal()


@pytest.fixture
def check_whole(
    site: Site, undisturbed: Outcome, record_property: Callable[[str, Any], None]
) -> Callable[..., None]:
    """Return a function that compares what a day left behind with the undisturbed day, and fills the table."""

    def check(fault: str, errors: list[DaywatchError], mails: int = 1) -> None:
        found = site.outcome()
        assert found.differences(undisturbed) == []
        assert found.trained == undisturbed.trained
        assert found.mails == undisturbed.mails * mails
        assert found.scratch == ()
        for error in errors:
            assert "\n" not in str(error), str(error)
            assert len(str(error)) < 700
            assert str(error).rstrip().endswith("."), str(error)
        said = ", ".join(f"`{type(error).__name__}`" for error in errors)
        outcome = f"{said}, then whole" if errors else "whole at once"
        record_property(ROW, (fault, outcome + (f", the same mail {mails} times" if mails > 1 else "")))

    return check


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print one table: each fault, what came of it, and how many seconds the day took."""
    rows = [
        (*value, f"{report.duration:.1f}")
        for report in terminalreporter.stats.get("passed", [])
        for name, value in report.user_properties
        if name == ROW
    ]
    if rows:
        terminalreporter.section("faults")
        for row in (("Fault", "Outcome", "Seconds"), ("---", "---", "---"), *rows):
            terminalreporter.write_line(f"| {' | '.join(row)} |")
