"""Objects of JSON Lines to Arrow batches: one row a line, in bounded memory, whatever the bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from daywatch.capture.reasons import Reason
from daywatch.errors import InfrastructureError

if TYPE_CHECKING:
    import pyarrow as pa

    from daywatch.storage import Storage, StoredObject

MAX_LINE_BYTES = 64 << 20
EXCERPT = 200
_BOM = b"\xef\xbb\xbf"


def line_schema() -> pa.Schema:
    """Return the schema of the batches: object number, record number, line, and why it has none."""
    import pyarrow as pa

    return pa.schema(
        [
            ("object", pa.int32()),
            ("record", pa.int64()),
            ("line", pa.large_string()),
            ("reason", pa.string()),
            ("excerpt", pa.string()),
        ]
    )


def read_lines(storage: Storage, objects: Iterable[StoredObject]) -> Iterator[pa.RecordBatch]:
    """Yield the lines of objects in order; blank lines are no records.

    A line that is not UTF-8, or is longer than ``MAX_LINE_BYTES``, comes without text and with its reason.

    Args:
        storage: Where the objects lie.
        objects: Numbered from 0 in the order given.

    Raises:
        InfrastructureError: The storage did not answer, or an object has gone since it was listed.
    """
    for number, stored in enumerate(objects):
        record = 0
        try:
            for lines in _split(storage.stream(stored.key)):
                batch, record = _batch(number, record, lines)
                if batch.num_rows:
                    yield batch
        except FileNotFoundError as error:
            msg = f"{storage.address(stored.key)} was listed, but is gone now: run the window again."
            raise InfrastructureError(msg) from error


@contextmanager
def line_reader(storage: Storage, objects: Iterable[StoredObject]) -> Iterator[pa.RecordBatchReader]:
    """Yield the lines of objects as a reader for DuckDB.

    DuckDB turns what goes wrong while it reads into an error of its own; here it is raised as what it was.

    Raises:
        InfrastructureError: The storage did not answer.
    """
    import pyarrow as pa

    failures: list[Exception] = []

    def batches() -> Iterator[pa.RecordBatch]:
        try:
            yield from read_lines(storage, objects)
        except Exception as error:
            failures.append(error)
            raise

    try:
        yield pa.RecordBatchReader.from_batches(line_schema(), batches())
    except Exception as error:
        if failures:
            raise failures[0] from error
        raise


def _split(chunks: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Yield the whole lines of each chunk; the last line needs no line end."""
    rest = b""
    first = True
    for chunk in chunks:
        buffer = rest + chunk
        if first:
            buffer = buffer.removeprefix(_BOM)
            first = False
        *lines, rest = buffer.split(b"\n")
        # What is too long is told apart by one byte more; the rest of an endless line is not kept.
        rest = rest[: MAX_LINE_BYTES + 1]
        if lines:
            yield lines
    if rest:
        yield [rest]


def _batch(number: int, record: int, lines: list[bytes]) -> tuple[pa.RecordBatch, int]:
    """Return a batch of one object's lines, and the number of the last record in it."""
    import pyarrow as pa

    records: list[int] = []
    texts: list[str | None] = []
    reasons: list[str | None] = []
    excerpts: list[str | None] = []
    for line in lines:
        record += 1
        stripped = line.strip(b" \t\r\x00")
        if not stripped:
            continue
        line_text, reason = _decoded(stripped)
        records.append(record)
        texts.append(line_text)
        reasons.append(reason)
        excerpts.append(
            None if line_text is not None else stripped[:EXCERPT].decode("utf-8", "backslashreplace")
        )
    columns = [
        pa.array([number] * len(records), pa.int32()),
        pa.array(records, pa.int64()),
        pa.array(texts, pa.large_string()),
        pa.array(reasons, pa.string()),
        pa.array(excerpts, pa.string()),
    ]
    return pa.record_batch(columns, schema=line_schema()), record


def _decoded(line: bytes) -> tuple[str | None, str | None]:
    """Return the line as text, or the reason why it has none."""
    if len(line) > MAX_LINE_BYTES:
        return None, Reason.TOO_LONG
    try:
        return line.decode("utf-8"), None
    except UnicodeDecodeError:
        return None, Reason.NOT_UTF8
