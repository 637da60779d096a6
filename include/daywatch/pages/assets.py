"""Style sheets and scripts. Their addresses change with their bytes, so that browsers may keep them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response

_FOLDER = Path(__file__).parent / "static"
_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript"}
_DIGITS = 12


def asset_address(root: str, name: str) -> str:
    """Return the address of a style sheet or script.

    Args:
        root: Address at which the application is mounted.
        name: Path of the file in the folder ``static``.
    """
    digest = hashlib.sha256(_content(name)).hexdigest()[:_DIGITS]
    return f"{root}/-/static/{digest}/{name}"


def asset(digest: str, name: str) -> Response:
    """Send a style sheet or script; an address of other bytes does not exist."""
    if name not in _names() or asset_address("", name) != f"/-/static/{digest}/{name}":
        raise HTTPException(404)
    headers = {
        "Cache-Control": "private, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'",
        "Referrer-Policy": "no-referrer",
    }
    return Response(_content(name), 200, headers, _MEDIA_TYPES[Path(name).suffix])


@cache
def _names() -> frozenset[str]:
    files = (path for path in _FOLDER.rglob("*") if path.suffix in _MEDIA_TYPES)
    return frozenset(path.relative_to(_FOLDER).as_posix() for path in files)


@cache
def _content(name: str) -> bytes:
    return (_FOLDER / name).read_bytes()
