"""Lines of objects as Arrow batches: one row per line, in bounded memory, whatever the bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from daywatch.config.model.capture import Limits
from daywatch.engine.budget import MIB, PLAIN_PIECE
from daywatch.ingest.reading.encoding import not_utf8
from daywatch.ingest.reading.fetched import fetched_ahead
from daywatch.ingest.reading.gzip_stream import Refusal, plain_bytes
from daywatch.ingest.reading.quarantine import Reason

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from daywatch.storage import Storage, StoredObject

Arrays = Callable[[Iterable[bytes], int], Iterator[bytes]]
"""Turns the bytes of an object into lines, an array's elements among them; the number is that of the longest line."""

EXCERPT = 200
_BLANK = " \t\r\n\x00"

LINE_COLUMNS = "object INTEGER, record BIGINT, line VARCHAR, reason VARCHAR, detail VARCHAR, excerpt VARCHAR"
"""Columns of a table of lines, as ``line_schema`` has them."""

_ONE_BY_ONE = 64


def line_schema() -> pa.Schema:
    """Return the schema of the lines: object number, record number, text, and why there is no text if there is none."""
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
    storage: Storage, objects: Mapping[int, StoredObject], limits: Limits, *, arrays: Arrays | None = None
) -> Iterator[pa.RecordBatch]:
    """Yield the lines of objects, in order; blank lines are not records.

    A line that cannot be read has no text and a reason. If an object cannot be read to its end, one row with the
    reason follows the lines that can be read.

    Args:
        storage: The storage of the data URI.
        objects: The objects by number.
        limits: The largest objects and lines that are read.
        arrays: What makes lines of an object that is one JSON array, its elements; None where none may be.

    Raises:
        InfrastructureError: The storage did not answer, or an object changed while it was read.
    """
    longest = limits.line_megabytes * MIB
    gathered: list[_Piece] = []
    size = 0
    for number, stored, fetched in fetched_ahead(storage, objects):
        record = 0
        try:
            pieces = plain_bytes(storage, stored, limits, fetched)
            if arrays:
                pieces = arrays(pieces, longest)
            for data in whole_lines(pieces, longest):
                gathered.append(_Piece(number, record, data))
                record += gathered[-1].lines
                size += len(data)
                # Most pieces are a batch of their own; of small objects, many make one.
                if size > PLAIN_PIECE // 2:
                    yield from _batches_of(gathered, limits)
                    gathered, size = [], 0
        except Refusal as refusal:
            yield from _batches_of(gathered, limits)
            gathered, size = [], 0
            yield _rows([number], [record + 1], [None], [refusal.reason], [refusal.detail], [""])
    yield from _batches_of(gathered, limits)


class _Piece(NamedTuple):
    """Whole lines of an object.

    Attributes:
        number: The object's number.
        record: Number of the line before them.
        data: The lines, each with its line end; the object's last one may lack it.
    """

    number: int
    record: int
    data: bytes

    @property
    def lines(self) -> int:
        """Number of the lines."""
        return self.data.count(b"\n") + (not self.data.endswith(b"\n"))


def _batches_of(pieces: list[_Piece], limits: Limits) -> Iterator[pa.RecordBatch]:
    """Yield the batch of some pieces, unless all their lines are blank."""
    import numpy as np

    if not pieces:
        return
    data = pieces[0].data
    if len(pieces) > 1:
        data = b"".join(one.data if one.data.endswith(b"\n") else one.data + b"\n" for one in pieces)
    counts = [one.lines for one in pieces]
    numbers = np.repeat([one.number for one in pieces], counts)
    records = np.concatenate(
        [np.arange(one.record + 1, one.record + 1 + count) for one, count in zip(pieces, counts, strict=True)]
    )
    batch = _batch(numbers, records, _split_lines(data), limits)
    if batch.num_rows:
        yield batch


def whole_lines(chunks: Iterable[bytes], longest: int) -> Iterator[bytes]:
    """Yield the same bytes in pieces that end with a line; the last line needs no line end.

    Args:
        chunks: The bytes of an object.
        longest: Bytes of the longest line that is allowed; of a longer one, only one byte more is kept.
    """
    rest: list[bytes] = []
    kept = 0
    for piece in chunks:
        end = piece.rfind(b"\n") + 1
        if end:
            yield b"".join([*rest, piece[:end]])
            rest, kept = [], 0
        # One byte beyond the limit shows that a line is too long; the rest of an endless line is not kept.
        rest.append(piece[end : end + max(longest + 1 - kept, 0)])
        kept += len(rest[-1])
    if kept:
        yield b"".join(rest)


def _split_lines(data: bytes) -> pa.LargeBinaryArray:
    """Return the lines with their line ends; they share the memory of the data."""
    import numpy as np
    import pyarrow as pa

    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n")).astype(np.int64) + 1
    if not data.endswith(b"\n"):
        ends = np.append(ends, len(data))
    offsets = np.concatenate([np.zeros(1, np.int64), ends])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(ends), buffers)


def _batch(
    numbers: np.ndarray, records: np.ndarray, lines: pa.LargeBinaryArray, limits: Limits
) -> pa.RecordBatch:
    """Return a batch of lines without blank ones, with the numbers of their objects and of the lines therein."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    refused = _refused(lines, limits)
    if refused:
        mask = np.zeros(len(lines), bool)
        mask[list(refused)] = True
        lines = pc.if_else(pa.array(mask), None, lines)
    text = pc.ascii_trim(lines.cast(pa.large_string()), _BLANK)
    count = len(text)
    none = (None, None, None)
    columns = zip(*(refused.get(at, none) for at in range(count)), strict=True) if refused else ()
    batch = _rows(
        numbers,
        records,
        text,
        *([list(column) for column in columns] or [pa.nulls(count)] * 3),
    )
    blank = pc.equal(pc.binary_length(text), 0)
    return batch.filter(pc.invert(pc.fill_null(blank, False))) if pc.any(blank).as_py() else batch


def _rows(*columns: list[object] | np.ndarray | pa.Array) -> pa.RecordBatch:
    """Return a batch with the schema of lines."""
    import pyarrow as pa

    arrays = [
        column.cast(field.type) if isinstance(column, pa.Array) else pa.array(column, field.type)
        for column, field in zip(columns, line_schema(), strict=True)
    ]
    return pa.record_batch(arrays, schema=line_schema())


def _refused(lines: pa.LargeBinaryArray, limits: Limits) -> dict[int, tuple[Reason, str, str]]:
    """Return reason, sentence and excerpt of each line that is too long or not UTF-8, by its index."""
    import numpy as np
    import pyarrow.compute as pc

    longest = limits.line_megabytes * MIB
    blank = _BLANK.encode()
    too_long = (Reason.TOO_LONG, f"the line has more than {longest:,} bytes")
    found = {
        at: (Reason.NOT_UTF8, f"the line is {not_utf8(lines[at].as_py())}") for at in _undecodable(lines)
    }
    for at in np.flatnonzero(pc.binary_length(lines).to_numpy() > longest):
        if len(lines[int(at)].as_py().strip(blank)) > longest:
            found[int(at)] = too_long
    return {
        at: (*refusal, lines[at].as_py().strip(blank)[:EXCERPT].decode("utf-8", "backslashreplace"))
        for at, refusal in sorted(found.items())
    }


def _undecodable(lines: pa.LargeBinaryArray) -> list[int]:
    """Return the indexes of lines that are not UTF-8. They are found by halving, because there are hardly ever any."""
    import pyarrow as pa

    try:
        lines.cast(pa.large_string())
    except pa.ArrowInvalid:
        if len(lines) <= _ONE_BY_ONE:
            return [at for at, line in enumerate(lines.to_pylist()) if not _is_utf8(line)]
        half = len(lines) // 2
        return _undecodable(lines[:half]) + [half + at for at in _undecodable(lines[half:])]
    return []


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
