"""A page template that changed."""

from __future__ import annotations

import pytest
from daywatch.errors import SetupError
from daywatch.measure.evidently_report.page import _put


def test_an_unknown_template_is_an_error() -> None:
    with pytest.raises(SetupError, match="it differs from the version Daywatch is pinned to"):
        _put("<html>", "<body>", "text")
