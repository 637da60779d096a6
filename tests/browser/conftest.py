"""A real stack that has judged two real days, and a real browser that looks at it: `make test-browser`."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from daywatch_demo.demo import Demo
from daywatch_demo.monitored import FLIGHTS
from daywatch_demo.stack.stack import Stack, temporary_stack
from debian import installed
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from rich.console import Console

ROOT = Path(__file__).parents[2]
FIRST, BLIZZARD = date(2013, 2, 8), date(2013, 2, 9)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = installed(NAMES, "chromium")
    with sync_playwright() as playwright:
        # Without its own sandbox, because as root it refuses to start with one; it sees nothing but our pages.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with temporary_stack(ROOT, tmp_path_factory.mktemp("stack")) as stack:
        two_days = replace(FLIGHTS, first=FIRST, last=BLIZZARD)
        Demo(stack, Console(file=io.StringIO()), (two_days,)).run()
        yield stack


def sign_in(page: Page, stack: Stack, user: str = "admin") -> None:
    """Fill in the login form that the page shows, and wait until it is left."""
    page.locator("input[name=username]").fill(user)
    page.locator("input[type=password]").fill(stack.settings.credentials.airflow_password)
    page.locator("button[type=submit]").click()
    page.wait_for_url(lambda url: "/auth/" not in url)


@pytest.fixture(scope="session")
def signed_in(browser: Browser, stack: Stack) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=stack.settings.airflow_url)
    page = context.new_page()
    page.goto("/auth/login")
    sign_in(page, stack)
    page.close()
    yield context
    context.close()


@pytest.fixture
def page(signed_in: BrowserContext) -> Iterator[Page]:
    page = signed_in.new_page()
    yield page
    page.close()
