"""An object's bytes in bounded memory, whatever they are; gzip is unpacked."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from daywatch.config.model.capture import Limits
from daywatch.engine.budget import GZIP_PIECE, MIB, PLAIN_PIECE, UNPACKED_PIECE
from daywatch.ingest.reading.quarantine import Reason

if TYPE_CHECKING:
    from pathlib import Path

    from daywatch.storage import Storage, StoredObject

_BOM = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"


class Refusal(Exception):  # noqa: N818 - what happened to the object, not an error of the run
    """An object that is not read any further.

    Attributes:
        reason: The reason code.
        detail: What was found, as a sentence.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def plain_bytes(
    storage: Storage, stored: StoredObject, limits: Limits, fetched: Callable[[], bytes] | None = None
) -> Iterator[bytes]:
    """Yield an object's bytes without a byte-order mark; gzip is recognised by its magic number and unpacked.

    Args:
        storage: The storage of the data URI.
        stored: The object, as it was listed.
        limits: The largest object that is read, packed and unpacked.
        fetched: Returns the object's content, where it was fetched ahead; None to stream it.

    Raises:
        Refusal: It is larger than allowed, or its gzip ends or breaks in the middle.
        InfrastructureError: The storage did not answer, or the object changed since it was listed.
    """
    if not stored.is_readable:
        raise Refusal(
            Reason.UNREADABLE,
            "no object of this name can be read; expected a key without '//', './', '../' and control characters",
        )
    allowed = limits.object_megabytes * MIB
    if stored.size > allowed:
        raise Refusal(Reason.TOO_LARGE, f"the object has {stored.size:,} bytes, more than {allowed:,}")
    stream = _headed(storage.stream_listed(stored) if fetched is None else [fetched()])
    head = next(stream, b"")
    if not head.startswith(_GZIP):
        yield from _slices(chain([head.removeprefix(_BOM)], stream), PLAIN_PIECE)
        return
    total = 0
    for piece in _headed(_unpacked(_slices(chain([head], stream), GZIP_PIECE))):
        total += len(piece)
        if total > allowed:
            raise Refusal(Reason.TOO_LARGE, f"the object unpacks to more than {allowed:,} bytes")
        yield piece.removeprefix(_BOM) if total == len(piece) else piece


def spool(
    storage: Storage,
    stored: StoredObject,
    limits: Limits,
    target: Path,
    fetched: Callable[[], bytes] | None = None,
) -> Refusal | None:
    """Write an object's bytes to a file, unpacked.

    Args:
        storage: The storage of the data URI.
        stored: The object, as it was listed.
        limits: The largest object that is read, packed and unpacked.
        target: The file, which is overwritten.
        fetched: Returns the object's content, where it was fetched ahead; None to stream it.

    Returns:
        Why the file ends before the object does; None if it is whole.

    Raises:
        Refusal: It is larger than allowed.
        InfrastructureError: The storage did not answer, or the object changed since it was listed.
    """
    try:
        with target.open("wb") as file:
            for piece in plain_bytes(storage, stored, limits, fetched):
                file.write(piece)
    except Refusal as refusal:
        if refusal.reason is Reason.TOO_LARGE:
            raise
        return refusal
    return None


def _headed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chunks; the first one is long enough for a magic number or a byte-order mark."""
    stream = iter(chunks)
    head = b""
    for chunk in stream:
        head += chunk
        if len(head) >= len(_BOM):
            break
    yield head
    yield from stream


def _slices(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Yield the same bytes in slices of one size, because no result may depend on how the network cut them.

    Results are the point where a broken stream ends, and the row groups of the files that are written.
    """
    rest = b""
    for chunk in chunks:
        data = rest + chunk
        whole = len(data) - len(data) % size
        for start in range(0, whole, size):
            yield data[start : start + size]
        rest = data[whole:]
    yield rest


def _unpacked(packed: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack gzip of any number of members, piece by piece; NULs between and after members are padding."""
    unpack = zlib.decompressobj(wbits=31)
    for data in packed:
        while data:
            if unpack.eof:
                data = data.lstrip(b"\x00")  # noqa: PLW2901 - what is left of it
                unpack = zlib.decompressobj(wbits=31) if data else unpack
                continue
            try:
                piece = unpack.decompress(data, UNPACKED_PIECE)
            except zlib.error as error:
                raise Refusal(Reason.BROKEN_GZIP, f"the gzip stream is broken: {error}") from None
            if piece:
                yield piece
            data = unpack.unused_data if unpack.eof else unpack.unconsumed_tail  # noqa: PLW2901
    if not unpack.eof:
        raise Refusal(Reason.BROKEN_GZIP, "the gzip stream ends in the middle")
