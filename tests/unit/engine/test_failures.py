"""What a failing machine means; scratch folders of processes that were killed."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from daywatch.engine.duck import duckdb_in
from daywatch.engine.failures import failure, machine_failures
from daywatch.engine.scratch import PREFIX, locked_folder
from daywatch.engine.settings import EngineSettings, scratch_folder
from daywatch.errors import DaywatchError, InfrastructureError, SetupError
from killed import killed_while

IN_DUCKDB = 'IO Error: Async write failed: {"exception_type":"IO","exception_message":"m","errno":"28"}'
IN_RUST = "Generic LocalFileSystem error: Unable to copy data to file: kein Platz (os error 28)"


class Foreign(Exception):  # noqa: N818 - as a library may call it
    """An error of a library."""


@pytest.mark.parametrize(
    ("error", "means"),
    [
        (OSError(errno.ENOSPC, "no room", "/a/b"), InfrastructureError),
        (OSError(errno.EDQUOT, "quota"), InfrastructureError),
        (OSError(errno.EIO, "disk"), InfrastructureError),
        (OSError(errno.EMFILE, "files"), InfrastructureError),
        (RuntimeError("can't start new thread"), InfrastructureError),
        (Foreign(IN_DUCKDB), InfrastructureError),
        (Foreign(IN_RUST), InfrastructureError),
        (Foreign(f"IO Error: Could not write: {os.strerror(errno.ENOSPC)}"), InfrastructureError),
        (PermissionError(errno.EACCES, "no"), SetupError),
        (OSError(errno.EROFS, "read only"), SetupError),
        (FileNotFoundError(errno.ENOENT, "gone"), None),
        (RuntimeError("anything else"), None),
        (ValueError("28"), None),
    ],
    ids=str,
)
def test_what_it_means(error: Exception, means: type[DaywatchError] | None) -> None:
    found = failure(error, "The work")

    assert type(found) is (means or type(None))
    assert found is None or str(found).startswith("The work failed: ")


def test_what_is_not_of_the_machine_passes_through() -> None:
    with pytest.raises(Foreign), machine_failures("The work"):
        raise Foreign(IN_RUST)
    with pytest.raises(FileNotFoundError), machine_failures("The work"):
        Path("/nowhere/at/all").read_bytes()


def test_a_disk_without_room_to_spill(tmp_path: Path) -> None:
    """The same error as on a full disk: DuckDB's own limit is what the disk has left."""
    with (
        pytest.raises(InfrastructureError, match="The work in the scratch folder .* failed: No space left"),
        scratch_folder(EngineSettings(memory=64_000_000, threads=1, folder=tmp_path)) as scratch,
        duckdb_in(scratch) as connection,
        connection.execute("SET max_temp_directory_size = '1MB'"),
    ):
        connection.execute(
            "CREATE TABLE t AS SELECT range AS n, md5(range::VARCHAR) AS m FROM range(3_000_000)"
        )


HOLD = """
import sys, time
from pathlib import Path
from daywatch.engine.scratch import locked_folder
with locked_folder(Path(sys.argv[1])) as folder:
    (folder / "captured values").write_text("Jane Doe")
    (folder / "deep").mkdir()
    Path(sys.argv[2]).write_text("begun")
    time.sleep(60)
"""


def scratch_folders(parent: Path) -> list[Path]:
    return sorted(parent.glob(f"{PREFIX}*"))


def test_the_folder_of_a_killed_process_is_removed_by_the_next_start(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    parent = tmp_path / "parent"
    parent.mkdir()
    killed_while(begun.exists, HOLD, str(parent), str(begun))
    (left,) = scratch_folders(parent)

    with locked_folder(parent) as own:
        assert scratch_folders(parent) == [own]
        assert own.stat().st_mode & 0o077 == 0
    assert not left.exists()
    assert scratch_folders(parent) == []


def test_the_folder_of_a_living_process_stays(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    parent = tmp_path / "parent"
    parent.mkdir()
    others = parent / f"{PREFIX}about-to-be-locked"
    others.mkdir()

    def other_starts() -> bool:
        if not begun.exists():
            return False
        with locked_folder(parent) as own:
            assert len(scratch_folders(parent)) == 3
            assert own in scratch_folders(parent)
        return True

    killed_while(other_starts, HOLD, str(parent), str(begun))
    assert others.exists()
    assert len(scratch_folders(parent)) == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_without_the_right_to_write(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with (
        pytest.raises(SetupError, match="Permission denied"),
        scratch_folder(EngineSettings(folder=tmp_path)),
    ):
        pass
