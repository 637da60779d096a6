import asyncio
from pathlib import Path

import httpx
import pytest
from daywatch_demo.stack.mailbox.pages import mailbox_app

MAIL = "00000000000000000001-0000000a"
SCRIPT = "<script>alert(1)</script>"
HOSTILE = (
    f"Delivered-To: {SCRIPT}\nFrom: {SCRIPT}\nSubject: {SCRIPT}\nDate: {SCRIPT}\n"
    f"Content-Type: multipart/alternative; boundary=x\n\n"
    f"--x\nContent-Type: text/plain\n\n{SCRIPT}</pre>\n"
    f"--x\nContent-Type: text/html\n\n{SCRIPT}<img src='http://track.example/x' onerror=alert(2)>\n--x--\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / f"{MAIL}.eml").write_text(HOSTILE)
    return tmp_path


def _get(folder: Path, path: str, host: str = "127.0.0.1") -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=mailbox_app(folder, smtp_port=2525))
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
            return await client.get(path)

    return asyncio.run(ask())


@pytest.mark.parametrize(
    "path",
    ["/", f"/messages/{MAIL}", f"/messages/{MAIL}?view=text", f"/messages/{MAIL}?view=source"],
)
def test_pages_show_a_hostile_mail_as_text(folder: Path, path: str) -> None:
    response = _get(folder, path)

    assert response.status_code == 200
    assert SCRIPT not in response.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in response.text
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "script-src" not in response.headers["Content-Security-Policy"]


def test_the_html_part_is_shut_in(folder: Path) -> None:
    page = _get(folder, f"/messages/{MAIL}")
    html = _get(folder, f"/messages/{MAIL}/html")

    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page.text
    policy = html.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy + page.text
    assert "img-src data:;" in policy


def test_source_and_json_are_not_taken_for_pages(folder: Path) -> None:
    source = _get(folder, f"/messages/{MAIL}/source")
    listed = _get(folder, "/api/messages")

    assert source.headers["Content-Type"].startswith("text/plain")
    assert listed.headers["Content-Type"] == "application/json"
    assert source.headers["X-Content-Type-Options"] == "nosniff"


def test_json_tells_what_the_page_tells(folder: Path) -> None:
    listed = _get(folder, "/api/messages").json()
    one = _get(folder, f"/api/messages/{MAIL}").json()

    assert [mail["id"] for mail in listed] == [MAIL]
    assert one["summary"] == listed[0]
    assert one["source"] == HOSTILE


@pytest.mark.parametrize("path", ["/messages/nothing", "/messages/..%2F..%2Fetc%2Fpasswd", "/api/messages/x"])
def test_what_is_not_there_is_not_found(folder: Path, path: str) -> None:
    assert _get(folder, path).status_code == 404


def test_an_empty_mailbox_says_where_mails_are_taken(tmp_path: Path) -> None:
    assert "127.0.0.1 port 2525" in _get(tmp_path, "/").text


def test_a_page_of_the_world_cannot_read_the_mails(folder: Path) -> None:
    assert _get(folder, "/api/messages", host="attacker.example").status_code == 400
