"""Fifty kills of the process that sends a mail, between its start and its end: one mail, by its Message-ID."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from daywatch.warehouse import tables
from daywatch.warehouse.database import transaction
from forked import exit_codes, start
from red_day import run_stages

from .conftest import ROW
from .site import Outcome, Site

BEFORE = ("export", "judge", "record", "decide_retraining", "report")
KILLS = 50


def forget_mail(site: Site) -> None:
    """Forget what was decided about the mail, and the mail itself."""
    with transaction(site.deployment.warehouse_url) as connection:
        connection.execute(sa.delete(tables.notification))
    for path in site.stack.mail_folder.glob("*.eml"):
        path.unlink()


@pytest.mark.parametrize("kills", [3, pytest.param(KILLS, marks=pytest.mark.long)])
def test_kills_while_the_mail_is_sent(
    site: Site, undisturbed: Outcome, record_property: Callable[[str, Any], None], kills: int
) -> None:
    site.put_back(*BEFORE)
    site.run_until_done(*BEFORE)
    begun = 0.0
    for _ in range(2):  # the first process waits for the libraries
        forget_mail(site)
        begun = time.monotonic()
        exit_codes([start(run_stages, site.environment, ("notify",), site.begun())])
    whole = time.monotonic() - begun

    killed, copies, states = 0, 0, set()
    for number in range(kills):
        forget_mail(site)
        process = start(run_stages, site.environment, ("notify",), site.begun())
        process.join(whole * 1.2 * (number + 1) / kills)
        process.kill()
        process.join()
        killed += process.exitcode == -9
        states.add(len(site.outcome().mails))
        site.heal()
        site.run_until_done("notify")
        mails = site.outcome().mails
        assert set(mails) == set(undisturbed.mails)
        copies += len(mails) - 1
    site.run_until_done("notify")

    assert site.outcome().mails == mails
    assert killed
    assert states == {0, 1} or kills < KILLS
    outcome = f"one mail each; {killed} of {kills} were killed in time, {copies} mails came twice with one Message-ID"
    record_property(ROW, (f"kill -9 of notify at {kills} times", outcome))
