"""A real browser that looks at the stack of ``tests/e2e``, which has judged two real days: `make test-browser`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from daywatch_demo.stack.stack import Stack
from debian import installed
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e.conftest import Shown

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The browser; only for this folder, because no other event loop runs in the process as long as it is there."""
    program = installed(NAMES, "chromium")
    with sync_playwright() as playwright:
        # Without its own sandbox, because as root it refuses to start with one; it sees nothing but our pages.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        expect.set_options(timeout=30_000)  # milliseconds; all workers of the tests share two processors
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def stack(shown: Shown) -> Stack:
    return shown.stack


def sign_in(page: Page, stack: Stack, user: str = "admin") -> None:
    """Fill in the login form that the page shows, and wait until it is left."""
    page.locator("input[name=username]").fill(user)
    page.locator("input[type=password]").fill(stack.settings.credentials.airflow_password)
    page.locator("button[type=submit]").click()
    page.wait_for_url(lambda url: "/auth/" not in url)


@pytest.fixture(scope="package")
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
