"""The note of a run: the verdict, unless a person has written one. The scheduler's part: ``tests/e2e``."""

from __future__ import annotations

import pytest
from daywatch.orchestration.run_notes import note_text

RED = {
    "state": "RED",
    "window": "2024-03-03",
    "revision": "0" * 16,
    "reasons": ["amount is missing\u202e", "more"],
}


@pytest.mark.parametrize("present", [None, "", "GREY: no labels", "GREEN: all is well"])
def test_the_verdict_with_its_first_reason_replaces_an_earlier_one(present: str | None) -> None:
    assert note_text(RED, present) == r"RED: amount is missing\u202e"


def test_what_a_person_wrote_stays() -> None:
    assert note_text(RED, "Cleared after the outage. RED: expected") is None


def test_a_note_fits_airflows_column() -> None:
    assert len(note_text(RED | {"reasons": ["x" * 5000]}, None) or "") < 1000
