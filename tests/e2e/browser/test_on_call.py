"""The way of an on-call person from the fleet to the rows and to the incident, with mouse, keyboard and reader."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from daywatch_demo.stack.stack import Stack
from playwright.sync_api import Browser, BrowserContext, Page, expect

from .conftest import sign_in

WINDOW = "/daywatch/flights/2013-02-09"
PAGES = (
    "/daywatch/",
    "/daywatch/flights",
    WINDOW,
    "/daywatch/flights/inferences",
    "/daywatch/flights/retraining",
    "/daywatch/-/incidents?closed=true",
    "incident",
    "/daywatch/nobody",
)

IS_PAINTED = """colour => {
  const canvas = document.querySelector(".plot canvas");
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  for (let i = 0; i < data.length; i += 4) {
    if (colour.every((value, place) => data[i + place] === value)) { return true; }
  }
  return false;
}"""
"""Whether the first chart has a pixel of a colour."""


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser complains about on the page, such as a script that the policy does not allow."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    yield found
    assert found == []


def _open(page: Page, path: str) -> None:
    if path == "incident":
        page.goto("/daywatch/-/incidents?closed=true")
        path = page.locator("th a").first.get_attribute("href") or ""
    page.goto(path)


def test_fleet_model_window_rows(page: Page, complaints: list[str]) -> None:
    page.goto("/daywatch/")
    page.get_by_role("link", name="flights", exact=True).click()
    expect(page.locator(".plot canvas").first).to_be_visible()
    assert page.evaluate(IS_PAINTED, [207, 34, 46])  # the dot of the RED window
    page.get_by_role("row", name="2013-02-09").get_by_role("link", name="2013-02-09", exact=True).last.click()
    expect(page.locator(".causes li").first).to_contain_text("dep_delay is missing in 70.1 %")
    page.locator("#slices").scroll_into_view_if_needed()
    expect(page.get_by_role("img", name="ROC curve of the window")).to_be_visible()
    page.get_by_role("link", name="Inferences", exact=True).click()
    expect(page.locator("table.rows tbody tr")).to_have_count(100)


def test_a_square_of_the_fleet_is_two_clicks_from_the_rows(page: Page) -> None:
    page.goto("/daywatch/")
    page.get_by_role("link", name="2013-02-09 RED").click()
    page.get_by_role("link", name="Inferences", exact=True).click()
    expect(page.get_by_text("742 rows in 1 window.")).to_be_visible()


def test_the_filter_is_in_the_address(page: Page) -> None:
    page.goto("/daywatch/")
    page.get_by_label("Newest verdict").select_option("GREEN")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("No model is selected.")).to_be_visible()
    assert "state=GREEN" in page.url


def test_an_incident_is_acknowledged_under_the_name_in_airflow(page: Page) -> None:
    page.goto("/daywatch/")
    page.get_by_role("list", name="Worst open incidents").get_by_role("link").first.click()
    page.get_by_label("Note, Acknowledge").fill("<b>looking</b>")
    page.get_by_role("button", name="Acknowledge").click()

    expect(page.get_by_text(re.compile("Acknowledged by admin"))).to_be_visible()
    expect(page.locator(".timeline li").first).to_contain_text("acknowledged by admin <b>looking</b>")


def test_a_viewer_sees_and_cannot_act(browser: Browser, stack: Stack) -> None:
    context = browser.new_context(base_url=stack.settings.airflow_url)
    page = context.new_page()
    page.goto(WINDOW)
    sign_in(page, stack, "viewer")

    expect(page.locator("h1")).to_contain_text("RED")
    expect(page.get_by_role("button", name="Judge again")).to_have_count(0)
    post = "path => fetch(path, {method: 'POST'}).then(answer => answer.status)"
    assert page.evaluate(post, f"{WINDOW}/judge") == 403
    _open(page, "incident")
    expect(page.locator(".timeline li").first).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    context.close()


def test_the_pages_follow_airflows_switch_in_its_frame(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Daywatch", exact=True).click()
    frame = page.frame_locator("iframe")
    body = frame.locator("body")
    expect(frame.locator("h1")).to_be_visible()
    for theme, ground in (("dark", "rgb(15, 17, 20)"), ("light", "rgb(255, 255, 255)")):
        page.evaluate("theme => localStorage.setItem('theme', theme)", theme)
        expect(body).to_have_css("background-color", ground)


def test_a_link_to_airflow_leaves_the_frame(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Daywatch", exact=True).click()
    frame = page.frame_locator("iframe")
    frame.get_by_role("link", name="2013-02-09 RED").click()
    frame.get_by_role("link", name="Runs and logs in Airflow").click()
    page.wait_for_url("**/dags/monitor__flights/runs?partition_key_pattern=2013-02-09")
    expect(page.locator("iframe")).to_have_count(0)


def test_the_keyboard_alone_leads_to_a_window(page: Page) -> None:
    page.goto("/daywatch/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    wanted = page.get_by_role("link", name="2013-02-09 RED")
    for _ in range(40):
        page.keyboard.press("Tab")
        if wanted.evaluate("link => link === document.activeElement"):
            break
    expect(wanted).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{WINDOW}")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_serious_fault_and_every_page_fits_a_phone(
    browser: Browser, signed_in: BrowserContext, stack: Stack, theme: str
) -> None:
    context = browser.new_context(
        base_url=stack.settings.airflow_url, storage_state=signed_in.storage_state()
    )
    context.add_init_script(f"localStorage.setItem('theme', '{theme}')")
    page = context.new_page()
    for path in PAGES:
        page.set_viewport_size({"width": 1280, "height": 900})
        _open(page, path)
        found = Axe().run(page).response["violations"]
        serious = [one["id"] for one in found if one["impact"] in ("serious", "critical")]
        assert serious == [], f"{path}: {[one['nodes'][0]['html'] for one in found]}"
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    context.close()
