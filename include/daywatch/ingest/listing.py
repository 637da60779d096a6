"""What a listing shows of a window's evidence: cheap to see, and different when there is more to read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daywatch.ingest.labels.source import LabelObject
    from daywatch.storage import StoredObject


def listing_of(captures: Iterable[StoredObject], labels: Iterable[LabelObject]) -> str:
    """Return a fingerprint of keys, sizes and marks of all objects that a window's export reads."""
    digest = hashlib.sha256()
    for kind, objects in (("capture", captures), ("label", [one.stored for one in labels if one.stored])):
        for one in sorted(objects):
            digest.update(repr((kind, one.key, one.size, one.etag)).encode())
    return digest.hexdigest()[:16]
