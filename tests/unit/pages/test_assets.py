"""Style sheets and scripts: unchanged files of their packages, and addresses that change with their bytes."""

from __future__ import annotations

import base64
import hashlib
import json
import re

from daywatch.pages import assets
from starlette.testclient import TestClient

VENDOR = assets._FOLDER / "vendor"


def test_the_shipped_libraries_are_those_that_are_named() -> None:
    named = json.loads((VENDOR / "vendor.json").read_text())
    files = {name: digest for one in named for name, digest in one["files"].items()}

    assert {path.name for path in VENDOR.iterdir()} == {*files, "vendor.json"}
    for name, digest in files.items():
        found = base64.b64encode(hashlib.sha256((VENDOR / name).read_bytes()).digest()).decode()
        assert f"sha256-{found}" == digest, name
    for one in named:
        assert any(one["version"] in name for name in one["files"])
        assert any(name.endswith("LICENSE.txt") for name in one["files"])


def test_browsers_may_keep_a_file_until_it_changes(client: TestClient) -> None:
    page = client.get("/daywatch/").text
    addresses = re.findall(r'(?:src|href)="(/daywatch/-/static/[^"]+)"', page)

    assert [address.rpartition("/")[2] for address in addresses] == ["pages.css", "page.js"]
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
        digest = address.split("/")[4]
        assert client.get(address.replace(digest, "0" * 12)).status_code == 404
    for path in ("vendor/vendor.json", "vendor/uplot.LICENSE.txt", "../app.py", "..%2fapp.py", "nothing.css"):
        assert client.get(f"/daywatch/-/static/{'0' * 12}/{path}").status_code == 404


def test_pages_name_no_other_place(client: TestClient) -> None:
    """Nothing is loaded from elsewhere: no CDN, no font, no picture."""
    for path in assets._FOLDER.glob("*.*"):
        assert not re.findall(r"https?://|url\(|@import", path.read_text()), path.name
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', client.get("/daywatch/").text)
