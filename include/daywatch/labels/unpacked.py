"""Objects as they are, or unpacked where they are gzip: in bounded memory, whatever the bytes."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from daywatch.storage import Storage

if TYPE_CHECKING:
    from pathlib import Path

    from daywatch.storage import StoredObject

_MAGIC = b"\x1f\x8b"
_PIECE = 8 << 20

MAX_UNPACKED_BYTES = 8 << 30
"""What one object may unpack to; more is a bomb."""


class Unpacked(Storage):
    """A storage whose gzip objects are read unpacked.

    Attributes:
        damaged: What was wrong with an object, by key; what stood before that is read.
    """

    def __init__(self, storage: Storage) -> None:
        """Read from a storage."""
        super().__init__(storage.uri, storage._store)
        self.damaged: dict[str, str] = {}

    def stream(self, key: str) -> Iterator[bytes]:
        """Yield an object's content in pieces of some megabytes; its first bytes tell whether it is gzip.

        Raises:
            InfrastructureError: The store did not answer.
        """
        chunks = super().stream(key)
        first = next(chunks, b"")
        while len(first) < len(_MAGIC) and (more := next(chunks, b"")):
            first += more
        if first.startswith(_MAGIC):
            yield from self._unpacked(key, first, chunks)
        else:
            yield first
            yield from chunks

    def stream_listed(self, stored: StoredObject) -> Iterator[bytes]:
        """Yield an object's content as it is now, unpacked."""
        yield from self.stream(stored.key)

    def download(self, key: str, target: Path) -> None:
        """Stream an object into a local file, unpacked."""
        with target.open("wb") as file:
            for chunk in self.stream(key):
                file.write(chunk)

    def _unpacked(self, key: str, first: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield what stands in one gzip member after the other."""
        member = zlib.decompressobj(wbits=31)
        total, data = 0, first
        try:
            while True:
                piece = member.decompress(data, _PIECE)
                total += len(piece)
                if total > MAX_UNPACKED_BYTES:
                    self.damaged[key] = (
                        f"it unpacks to more than {MAX_UNPACKED_BYTES >> 30} GB and was not read on"
                    )
                    return
                if piece:
                    yield piece
                data = member.unused_data if member.eof else member.unconsumed_tail
                data = data or next(chunks, b"")
                if not data:
                    break
                if member.eof:
                    member = zlib.decompressobj(wbits=31)
        except zlib.error as error:
            self.damaged[key] = f"its gzip is damaged: {error}"
            return
        if not member.eof:
            self.damaged[key] = "its gzip is cut off"
