"""Manifests of Batch Transform captures: which files were read and written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.engine.budget import LARGEST_MANIFEST

if TYPE_CHECKING:
    from daywatch.storage import Storage, StoredObject


@dataclass(frozen=True)
class Manifest:
    """The files that a manifest names.

    Attributes:
        names: Names of the files, as the manifest has them.
        keys: The same files as keys below the data URI.
        problem: Why the manifest cannot be read, as a sentence; empty if it can.
    """

    names: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    problem: str = ""


def read_manifest(storage: Storage, stored: StoredObject) -> Manifest:
    """Read a manifest, ``[{"prefix": "s3://bucket/folder/"}, "a.csv", ...]``.

    Args:
        storage: The storage of the data URI; a file outside it is a problem.
        stored: The manifest, as it was listed.

    Raises:
        InfrastructureError: The storage did not answer, or the manifest changed since it was listed.
    """
    if stored.size > LARGEST_MANIFEST:
        return Manifest(problem=f"the manifest has {stored.size:,} bytes, more than {LARGEST_MANIFEST:,}")
    content = b"".join(storage.stream_listed(stored))
    try:
        entries = json.loads(content)
        prefix, names = entries[0]["prefix"], entries[1:]
    except (ValueError, LookupError, TypeError, RecursionError):
        prefix, names = None, []
    if not isinstance(prefix, str) or not all(isinstance(name, str) for name in names):
        return Manifest(problem='expected a manifest such as [{"prefix": "s3://..."}, "a.csv"]')
    below = storage.uri.rstrip("/") + "/"
    addresses = [f"{prefix}{name}" for name in names]
    for address in addresses:
        parts = address.removeprefix(below).split("/")
        if not address.startswith(below) or not address.isprintable() or {"", ".", ".."} & set(parts):
            named = address[:200].encode("unicode_escape").decode()
            return Manifest(problem=f"it names {named}, which is no file below {storage.uri}")
    return Manifest(tuple(names), tuple(address.removeprefix(below) for address in addresses))
