"""The pages as people meet them: from a mail, in Airflow's navigation, on a run, on a phone."""

from __future__ import annotations

import re
from email import policy
from email.parser import BytesParser
from urllib.parse import quote

import pytest
from daywatch.config.deployment.environment import command_line_deployment
from daywatch.results import State
from daywatch_demo.stack.stack import Stack
from judgements import Judged, store
from playwright.sync_api import Browser, Frame, Page, expect

from .conftest import sign_in

HOSTILE = Judged("2013-02-01", State.GREEN, model="hostile")
"""Of a model of its own: the windows of the others are compared with those before them."""

PARENT = "(() => { try { return parent.document.title } catch (error) { return error.name } })()"
COOKIE = "(() => { try { return document.cookie } catch (error) { return error.name } })()"


def _links_of_the_red_mail(stack: Stack) -> dict[str, str]:
    """Return the addresses that the mail about the blizzard leads to, by title."""
    parser = BytesParser(policy=policy.default)
    mails = [parser.parsebytes(path.read_bytes()) for path in stack.mail_folder.glob("*.eml")]
    (red,) = [mail for mail in mails if "[RED] flights 2013-02-09" in mail["subject"]]
    html = red.get_body(("html",)).get_content()
    found = re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', html)
    return {title: address for address, title in found}


def _frame(page: Page, part: str) -> Frame:
    """Wait for the frame that shows an address."""
    page.wait_for_function("document.querySelector('iframe')")
    for _ in range(100):
        for frame in page.frames[1:]:
            if part in frame.url:
                frame.wait_for_load_state()
                return frame
        page.wait_for_timeout(100)
    pytest.fail(f"No frame shows {part}; there are {[frame.url for frame in page.frames]}")


def test_a_link_from_the_mail_leads_through_the_login_to_the_report(browser: Browser, stack: Stack) -> None:
    context = browser.new_context()
    page = context.new_page()

    page.goto(_links_of_the_red_mail(stack)["This report as a page"])
    sign_in(page, stack)

    expect(page.locator("h1")).to_contain_text("dep_delay is missing in 70.1 %")
    assert page.url.endswith("/report.html")
    page.get_by_role("link", name="Evidently's full report").click()
    expect(page.get_by_text("Dataset Drift", exact=True)).to_be_visible()
    context.close()


def test_evidently_draws_without_an_error_and_has_an_origin_of_its_own(page: Page, stack: Stack) -> None:
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)

    page.goto(_links_of_the_red_mail(stack)["Evidently's full report"])

    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    assert wrong == []
    assert page.evaluate("window.origin") == "null"
    assert page.evaluate(COOKIE) == "SecurityError"


def test_the_navigation_leads_from_the_list_to_a_model_and_its_report(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Daywatch", exact=True).click()
    frame = _frame(page, "/daywatch/")

    (row,) = frame.get_by_role("row").filter(has=frame.get_by_role("link", name="flights", exact=True)).all()
    expect(row.locator(".chip")).to_have_text("RED")
    expect(frame.get_by_role("link", name="2013-02-08 AMBER")).to_have_text("!")
    frame.get_by_role("link", name="flights", exact=True).click()
    expect(frame.locator("table.stack tbody tr").first).to_contain_text("2013-02-09")
    frame.get_by_role("link", name="2013-02-09", exact=True).last.click()
    expect(frame.locator("h1")).to_contain_text("flights 2013-02-09")
    frame.get_by_role("link", name="Report", exact=True).click()
    report = _frame(page, "/report.html")
    expect(report.locator("h1")).to_contain_text("dep_delay is missing in 70.1 %")


def test_the_tab_of_a_run_shows_its_window_and_leads_to_evidently(page: Page, stack: Stack) -> None:
    with stack.api() as api:
        (run,) = [run for run in api.runs("monitor__flights") if run["partition_key"] == "2013-02-09"]

    page.goto(f"/dags/monitor__flights/runs/{quote(run['dag_run_id'], safe='')}")
    page.get_by_role("link", name="Daywatch", exact=True).last.click()
    window = _frame(page, "/daywatch/flights/2013-02-09")
    expect(window.locator("h1")).to_contain_text("RED")
    window.get_by_role("link", name="Evidently", exact=True).click()

    evidently = _frame(page, "/evidently.html")
    expect(evidently.get_by_text("Dataset Drift", exact=True)).to_be_visible()
    assert evidently.evaluate(PARENT) == "SecurityError"


def test_the_tab_of_a_dag_shows_its_model(page: Page) -> None:
    page.goto("/dags/monitor__flights")
    page.get_by_role("link", name="Daywatch", exact=True).last.click()

    expect(_frame(page, "/daywatch/flights").locator("h1")).to_contain_text("flights")


def test_captured_scripts_do_not_run_in_a_report_and_reach_nothing_from_evidently(
    page: Page, stack: Stack
) -> None:
    store(command_line_deployment(stack.environment), HOSTILE)
    address = f"/daywatch/{HOSTILE.model}/{HOSTILE.day}/{HOSTILE.revision}"

    page.goto(f"{address}/report.html")
    assert page.title() == "report 2013-02-01"

    page.goto(f"{address}/evidently.html")
    assert page.title() == "it runs"
    assert page.evaluate(COOKIE) == "SecurityError"
    refused = "fetch('/api/v2/dags').then(() => 'answered', error => error.name)"
    assert page.evaluate(refused) == "TypeError"
