"""Objects of lines to Arrow batches: one row a line, in bounded memory, whatever the bytes."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING

from daywatch.capture.reasons import Reason
from daywatch.config.capture import MEGABYTE, Limits

if TYPE_CHECKING:
    import pyarrow as pa

    from daywatch.storage import Storage, StoredObject

EXCERPT = 200
_BOM = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
_PIECE = 8 * MEGABYTE
_PACKED = MEGABYTE // 4
_BLANK = b" \t\r\x00"


class Refusal(Exception):  # noqa: N818 - what happened to the object, not an error of the run
    """An object is not read any further.

    Attributes:
        reason: Why.
        detail: In a sentence.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def line_schema() -> pa.Schema:
    """Return the schema of the batches: object number, record number, line, and why it has none."""
    import pyarrow as pa

    return pa.schema(
        [
            ("object", pa.int32()),
            ("record", pa.int64()),
            ("line", pa.large_string()),
            ("reason", pa.string()),
            ("detail", pa.string()),
            ("excerpt", pa.string()),
        ]
    )


def read_lines(
    storage: Storage, objects: Mapping[int, StoredObject], limits: Limits
) -> Iterator[pa.RecordBatch]:
    """Yield the lines of objects in order; blank lines are no records.

    A line that cannot be read comes without text and with its reason. An object that cannot be read to its
    end comes, after what could be read, with one row for the rest.

    Args:
        storage: Where the objects lie.
        objects: By number.
        limits: What is refused.

    Raises:
        InfrastructureError: The storage did not answer, or an object changed while it was read.
    """
    for number, stored in objects.items():
        record = 0
        try:
            for lines in _split(plain_bytes(storage, stored, limits), limits):
                batch, record = _batch(number, record, lines, limits)
                if batch.num_rows:
                    yield batch
        except Refusal as refusal:
            yield _rows([number], [record + 1], [None], [refusal.reason], [refusal.detail], [""])


@contextmanager
def line_reader(
    storage: Storage, objects: Mapping[int, StoredObject], limits: Limits
) -> Iterator[pa.RecordBatchReader]:
    """Yield the lines of objects as a reader for DuckDB.

    DuckDB turns what goes wrong while it reads into an error of its own; here it is raised as what it was.

    Raises:
        InfrastructureError: The storage did not answer.
    """
    import pyarrow as pa

    failures: list[Exception] = []

    def batches() -> Iterator[pa.RecordBatch]:
        try:
            yield from read_lines(storage, objects, limits)
        except Exception as error:
            failures.append(error)
            raise

    try:
        yield pa.RecordBatchReader.from_batches(line_schema(), batches())
    except Exception as error:
        if failures:
            raise failures[0] from error
        raise


def plain_bytes(storage: Storage, stored: StoredObject, limits: Limits) -> Iterator[bytes]:
    """Yield an object's bytes, unpacked where it is gzip by its magic number, without a byte-order mark.

    Raises:
        Refusal: It is larger than allowed, packed or unpacked, or its gzip ends or breaks in the middle.
        InfrastructureError: The storage did not answer, or the object changed since it was listed.
    """
    allowed = limits.object_megabytes * MEGABYTE
    if stored.size > allowed:
        raise Refusal(Reason.TOO_LARGE, f"the object has {stored.size:,} bytes, more than {allowed:,}")
    stream = _headed(storage.stream_listed(stored))
    head = next(stream, b"")
    if not head.startswith(_GZIP):
        yield head.removeprefix(_BOM)
        yield from stream
        return
    total = 0
    for piece in _headed(_unpacked(_slices(chain([head], stream)))):
        total += len(piece)
        if total > allowed:
            raise Refusal(Reason.TOO_LARGE, f"the object unpacks to more than {allowed:,} bytes")
        yield piece.removeprefix(_BOM) if total == len(piece) else piece


def _headed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chunks, the first one long enough for a magic number or a byte-order mark."""
    stream = iter(chunks)
    head = b""
    for chunk in stream:
        head += chunk
        if len(head) >= len(_BOM):
            break
    yield head
    yield from stream


def _slices(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in slices of one size: where a broken stream ends must not depend on the network."""
    rest = b""
    for chunk in chunks:
        data = rest + chunk
        whole = len(data) - len(data) % _PACKED
        for start in range(0, whole, _PACKED):
            yield data[start : start + _PACKED]
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
                piece = unpack.decompress(data, _PIECE)
            except zlib.error as error:
                raise Refusal(Reason.BROKEN_GZIP, f"the gzip stream is broken: {error}") from None
            if piece:
                yield piece
            data = unpack.unused_data if unpack.eof else unpack.unconsumed_tail  # noqa: PLW2901
    if not unpack.eof:
        raise Refusal(Reason.BROKEN_GZIP, "the gzip stream ends in the middle")


def _split(chunks: Iterable[bytes], limits: Limits) -> Iterator[list[bytes]]:
    """Yield the whole lines of each chunk; the last line needs no line end."""
    longest = limits.line_megabytes * MEGABYTE
    rest: list[bytes] = []
    kept = 0
    for piece in chunks:
        if b"\n" not in piece:
            # What is too long is told apart by one byte more; the rest of an endless line is not kept.
            rest.append(piece[: max(longest + 1 - kept, 0)])
            kept += len(rest[-1])
            continue
        *lines, last = piece.split(b"\n")
        lines[0] = b"".join([*rest, lines[0]])
        rest, kept = [last[: longest + 1]], min(len(last), longest + 1)
        yield lines
    if kept:
        yield [b"".join(rest)]


def _batch(number: int, record: int, lines: list[bytes], limits: Limits) -> tuple[pa.RecordBatch, int]:
    """Return a batch of one object's lines, and the number of the last record in it."""
    numbered = [
        (at, stripped) for at, line in enumerate(lines, start=record + 1) if (stripped := line.strip(_BLANK))
    ]
    decoded = [_decoded(line, limits) for _, line in numbered]
    batch = _rows(
        [number] * len(numbered),
        [at for at, _ in numbered],
        [one for one, _ in decoded],
        [reason for _, reason in decoded],
        [None] * len(numbered),
        [
            None if reason is None else line[:EXCERPT].decode("utf-8", "backslashreplace")
            for (_, line), (_, reason) in zip(numbered, decoded, strict=True)
        ],
    )
    return batch, record + len(lines)


def _rows(*columns: list[object]) -> pa.RecordBatch:
    """Return a batch of the schema."""
    import pyarrow as pa

    arrays = [pa.array(column, field.type) for column, field in zip(columns, line_schema(), strict=True)]
    return pa.record_batch(arrays, schema=line_schema())


def _decoded(line: bytes, limits: Limits) -> tuple[str | None, Reason | None]:
    """Return the line as text, or the reason why it has none."""
    if len(line) > limits.line_megabytes * MEGABYTE:
        return None, Reason.TOO_LONG
    try:
        return line.decode("utf-8"), None
    except UnicodeDecodeError:
        return None, Reason.NOT_UTF8
