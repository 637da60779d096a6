"""The mail itself: its lines, its boundaries, its addresses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from daywatch.errors import SetupError
from daywatch.notify.message import compose, message_id
from daywatch.report.render import RenderedReport

DATE = datetime(2013, 2, 10, 6, 0, tzinfo=UTC)
SENDER = "daywatch@example.org"
ID = message_id("flights", "2013-02-09", "5b1f0c2e9a47", "change")


def test_lines_are_short_enough_for_every_server(rendered: RenderedReport) -> None:
    lines = compose(rendered, ["a@example.org"], SENDER, ID, DATE).as_bytes().split(b"\r\n")
    assert max(map(len, lines)) <= 998


def test_boundary_never_lies_in_a_part(rendered: RenderedReport) -> None:
    mail = compose(rendered, ["a@example.org"], SENDER, ID, DATE)
    boundaries = {part.get_boundary() for part in mail.walk() if part.is_multipart()}
    assert len(boundaries) == 2
    assert not any(str(boundary) in rendered.html + rendered.text for boundary in boundaries)


@pytest.mark.parametrize("address", ["a@example.org\r\nBcc: b@example.org", "not an address", ""])
def test_addresses_bring_no_headers(address: str, rendered: RenderedReport) -> None:
    with pytest.raises(SetupError, match="Expected a mail address"):
        compose(rendered, [address], SENDER, ID, DATE)
