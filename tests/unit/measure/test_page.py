"""JSON in a script element, and a page template that changed."""

from __future__ import annotations

import json

import pytest
from daywatch.errors import SetupError
from daywatch.measure.dashboard import script_json
from daywatch.measure.page import _put


@pytest.mark.parametrize(
    "text", ["</script><script>alert(1)</script>", "<!--", "]]>", "a\u2028b", "&amp;", '"']
)
def test_no_text_can_end_the_script_element(text: str) -> None:
    written = script_json({"value": [text]})
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written) == {"value": [text]}


def test_unknown_template_is_told() -> None:
    with pytest.raises(SetupError, match="it differs from the version Daywatch is pinned to"):
        _put("<html>", "<body>", "text")
