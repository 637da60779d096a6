"""The file of a trained model: read without running it, and only if it is the file that was stored."""

from __future__ import annotations

import hashlib
import zipfile
from typing import TYPE_CHECKING

from daywatch.errors import SetupError
from daywatch.text import shown

if TYPE_CHECKING:
    from pathlib import Path

_PICKLES = (".pkl", ".pickle", ".joblib", ".dill", ".cloudpickle", ".pt", ".pth")
_PROTOCOLS = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))
"""The first bytes of a pickle of each protocol in use."""


def check_format(path: Path) -> None:
    """Refuse a file in a format that runs code when it is read: a pickle, also within an archive.

    Args:
        path: The trainer's file.

    Raises:
        SetupError: It is such a file.
    """
    found = path.name if path.name.lower().endswith(_PICKLES) else _pickle_in(path)
    if found:
        msg = (
            f"The trainer's artifact {shown(path.name)} is a pickle ({shown(found)}), and reading a pickle runs what "
            "is in it. Write it in a format that is only read: skops for scikit-learn, ONNX, or the library's own, "
            "such as XGBoost's JSON."
        )
        raise SetupError(msg)


def _pickle_in(path: Path) -> str:
    """Return the name of a pickle: the file itself, or one in the archive that it is; empty for none."""
    with path.open("rb") as file:
        if file.read(2) in _PROTOCOLS:
            return path.name
    if not zipfile.is_zipfile(path):
        return ""
    with zipfile.ZipFile(path) as archive:
        return next((name for name in archive.namelist() if name.lower().endswith(_PICKLES)), "")


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_checksum(path: Path, expected: str, address: str) -> None:
    """Check that a downloaded file is the one that was stored.

    Args:
        path: The local copy.
        expected: Its SHA-256 when it was stored.
        address: Where it was read from, for the error.

    Raises:
        SetupError: It is another file.
    """
    found = checksum(path)
    if found != expected:
        msg = (
            f"The file at {address} is not the one that was registered: expected the SHA-256 {expected}, but it is "
            f"{found}. Do not load it; find out who changed it, or train again."
        )
        raise SetupError(msg)
