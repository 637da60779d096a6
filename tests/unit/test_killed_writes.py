"""A process that is stopped while it writes leaves no half object: it is there whole, or not at all."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from daywatch.storage import open_storage
from killed import BYTES, killed_while, large
from models import local_deployment

KEY = "shop/windows/2024-03-03/inferences.parquet"

UPLOAD = """
import sys
from pathlib import Path
from daywatch.storage import open_storage
from models import local_deployment
place = Path(sys.argv[1])
open_storage(str(place / "artifacts"), local_deployment(place)).upload(place / "source", sys.argv[2])
"""


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_an_upload_to_a_folder(by: signal.Signals, tmp_path: Path) -> None:
    artifacts = tmp_path / "artifacts"
    storage = open_storage(str(artifacts), local_deployment(tmp_path))
    source = large(tmp_path / "source")

    def begun() -> bool:
        return any(path.stat().st_size > 0 for path in artifacts.rglob("inferences.parquet*"))

    code = killed_while(begun, UPLOAD, str(tmp_path), KEY, by=by)

    if by is signal.SIGINT:  # is seen between two objects, if there is time left to see it
        assert [(one.key, one.size) for one in storage.list("shop/")] == [(KEY, BYTES)]
    else:
        assert code == -by
        assert (storage.exists(KEY), storage.find(KEY), list(storage.list("shop/"))) == (False, None, [])
        assert not (artifacts / KEY).exists()
    storage.write(KEY, b"the retry")
    assert [(one.key, one.size) for one in storage.list("shop/")] == [(KEY, 9)]
    source.unlink()
    for path in artifacts.rglob("inferences*"):
        path.unlink()
