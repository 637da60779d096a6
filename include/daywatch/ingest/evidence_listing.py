"""A fingerprint of a window's evidence from listings alone, which changes once there is more to read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daywatch.ingest.labels.source import LabelObject
    from daywatch.storage import StoredObject


def evidence_listing(captures: Iterable[StoredObject], labels: Iterable[LabelObject]) -> str:
    """Return a fingerprint of the keys, sizes and ETags of all objects that a window's export reads.

    Args:
        captures: The capture objects.
        labels: The label objects; a query of a database has a fingerprint of its rows (``with_fingerprints``).

    Returns:
        16 hexadecimal digits of SHA-256.
    """
    digest = hashlib.sha256()
    for kind, objects in (("capture", captures), ("label", [one.stored for one in labels if one.stored])):
        for one in sorted(objects):
            digest.update(repr((kind, one.key, one.size, one.etag)).encode())
    return digest.hexdigest()[:16]
